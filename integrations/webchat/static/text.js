/** Words and times on the page, always in Vietnam's time zone. */

const ZONE = "Asia/Ho_Chi_Minh";
const clock = new Intl.DateTimeFormat("vi-VN", {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE,
});
const parts = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "numeric", month: "numeric", year: "numeric", timeZone: ZONE,
});
const WEEKDAYS = {
  Mon: "Thứ Hai", Tue: "Thứ Ba", Wed: "Thứ Tư", Thu: "Thứ Năm", Fri: "Thứ Sáu",
  Sat: "Thứ Bảy", Sun: "Chủ nhật",
};

export const timeText = (date) => clock.format(date);

/** {weekday, day, month, year} of an instant as a calendar in Vietnam shows it. */
export function calendar(date) {
  const found = Object.fromEntries(parts.formatToParts(date).map((p) => [p.type, p.value]));
  const { year } = found;
  return { weekday: WEEKDAYS[found.weekday], day: Number(found.day), month: Number(found.month), year };
}

export function dayText(date) {
  const { weekday, day, month, year } = calendar(date);
  return `${weekday}, ${day}/${month}/${year}`;
}

const LINK = /https?:\/\/[^\s<>"“”]+/g;

/** Puts `text` into `node` with its web addresses as links; never as HTML. */
export function linked(node, text) {
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const url = match[0].replace(/[.,;:!?)\]]+$/, "");
    node.append(text.slice(done, match.index));
    const link = document.createElement("a");
    link.href = url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = url;
    node.append(link);
    done = match.index + url.length;
  }
  node.append(text.slice(done));
  return node;
}

/** An element with properties and children: el("li", {className: "msg"}, "text"). */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { dataset, ...rest } = properties;
  Object.assign(node, rest);
  Object.assign(node.dataset, dataset);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A random id, also on plain http where crypto.randomUUID is missing. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
