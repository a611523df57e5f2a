/** One message on the phone with Zalo, by its kind. */

import { el, linked, timeText } from "/chat-static/text.js";
import { formCard } from "/demo-static/zalo-form.js";

const HREF = { sms: "sms:", phone: "tel:" };
const KINDS = {
  "Hình ảnh": "image", "Ảnh động": "gif", "Nhãn dán": "sticker", "Tin nhắn thoại": "audio",
  "Tệp": "file",
};
const ICONS = {
  image: "image", gif: "image", sticker: "sticker", audio: "audio", video: "video", file: "file",
  link: "link", location: "location", business_card: "link", list: "template", template: "template",
};

export const glyph = (name) =>
  el("span", {
    className: "zglyph",
    innerHTML: `<svg viewBox="0 0 24 24" aria-hidden="true"><use href="#i-${name}"/></svg>`,
  });

/** "[Tệp] to-khai.pdf" is shown as ["Tệp", "to-khai.pdf"]; without a bracket the label is "". */
export function labelled(text) {
  const found = /^\[([^\]]+)\]\s*([\s\S]*)$/.exec(text);
  return found ? [found[1], found[2]] : ["", text];
}

/** The words by which a message is quoted. */
export function brief({ text }) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

/**
 * The <li> of a message. Actions: tap(button), submit({name, phone}) -> whether it was sent,
 * reply(message) or null where nothing can be quoted.
 */
export function bubbleOf(message, place, quoted, actions) {
  const side = sideOf(message, place);
  const kind = kindOf(message, place);
  const buttons = message.buttons ?? [];
  const rich = buttons.length > 0 || (kind === "form" && side === "oa");
  const node = el("li", {
    className: `zmsg zmsg-${side} zkind-${kind}${rich ? " zmsg-rich" : ""}`,
    dataset: { seq: String(message.seq), id: message.id ?? "" },
  });
  const from = fromLine(message, place);
  if (from && side !== "user") node.append(el("span", { className: "zfrom", textContent: from }));
  const bubble = el("div", { className: "zbubble" });
  if (quoted) bubble.append(quoteLine(quoted));
  fill(bubble, kind, message.text);
  bubble.append(el("span", { className: "ztime", textContent: timeText(new Date(message.at)) }));
  const body = el("div", { className: "zbody" }, bubble);
  if (rich && kind === "form") body.append(formCard(actions.submit));
  if (buttons.length) {
    const choices = buttons.map((one) => button(one, actions.tap));
    body.append(el("div", { className: "zbuttons" }, ...choices));
  }
  if (actions.reply && message.id) body.append(replyButton(message, actions.reply));
  node.append(body);
  if (side === "user" && place.kind !== "group") node.append(el("span", { className: "zticks" }));
  return node;
}

export const quoteLine = (text) => el("span", { className: "zquote", textContent: text });

function sideOf({ from }, { me }) {
  if (from === "oa") return "oa";
  return from === me || from === "user" ? "user" : "other";
}

/** The bot's phone names no kinds, and a typed "[Tệp]" of a citizen does no harm there. */
function kindOf({ kind, text, from }, place) {
  if (kind || place.kind !== "bot" || from === "oa") return kind ?? "text";
  return KINDS[labelled(text)[0]] ?? "text";
}

function fromLine({ from }, place) {
  if (place.kind !== "group") return "";
  return from === "oa" ? "Zalo OA của xã" : (place.names.get(from) ?? "Cán bộ");
}

function fill(bubble, kind, text) {
  const [label, rest] = labelled(text);
  if (kind === "text" || !label) {
    linked(bubble, text);
  } else if (kind === "form") {
    fillForm(bubble, label, rest);
  } else {
    const words = el("span", { className: "zmedia-words" }, el("b", { textContent: label }));
    if (rest) words.append("\n", linked(el("span"), rest));
    bubble.append(el("span", { className: "zmedia" }, glyph(ICONS[kind] ?? "file"), words));
  }
}

/** The title may be the beginning of the text below it, cut off: then it says nothing. */
function fillForm(bubble, label, rest) {
  const [title, ...lines] = rest.split("\n");
  const text = lines.join("\n");
  const heading = !text || text.startsWith(title.replace(/…$/, "")) ? label : title;
  bubble.append(el("b", { className: "zform-title", textContent: heading }));
  linked(bubble, text || title);
}

function replyButton(message, onReply) {
  const node = el("button", { type: "button", className: "zreply" }, glyph("reply"));
  node.setAttribute("aria-label", "Trả lời tin này");
  node.title = "Trả lời tin này";
  node.dataset.testid = "zalo-reply";
  node.addEventListener("click", () => onReply(message));
  return node;
}

function button({ title, kind, value }, onTap) {
  const common = { className: "zbutton", textContent: title, dataset: { testid: "zalo-choice" } };
  if (kind === "payload") {
    const node = el("button", { ...common, type: "button" });
    node.addEventListener("click", () => onTap({ tap: value, title }));
    return node;
  }
  const node = el("a", common);
  node.href = kind in HREF ? HREF[kind] + value.replace(/^(sms|tel):/, "") : value;
  if (!/^(https?|sms|tel):$/.test(node.protocol)) node.removeAttribute("href");
  if (kind === "url") Object.assign(node, { target: "_blank", rel: "noopener noreferrer" });
  return node;
}
