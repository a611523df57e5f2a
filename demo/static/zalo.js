/** The phone with Zalo. */

import { request } from "/chat-static/net.js";
import { dayText, el, linked, timeText } from "/chat-static/text.js";
import { NOT_SENT, errorLine, follower, onPerson } from "/demo-static/person.js";

const $ = (id) => document.getElementById(id);
const STATUS = { sent: "✓ Đã gửi", received: "✓✓ Đã nhận", seen: "✓✓ Đã xem" };
const HREF = { sms: "sms:", phone: "tel:" };

export function startZalo(noticed) {
  const list = $("zalo-messages");
  const scroller = $("zalo-scroll");
  const input = $("zalo-input");
  const menu = $("zalo-menu");
  const error = errorLine($("zalo-error"));
  let base = "";
  let day = "";

  const toEnd = () => (scroller.scrollTop = scroller.scrollHeight);

  async function post(path, body) {
    const answer = await request(`${base}/${path}`, { method: "POST", body });
    error(answer.status === 200 ? "" : NOT_SENT);
    return answer.status === 200;
  }

  function show({ messages, statuses = {} }, first) {
    for (const message of messages) add(message);
    for (const [seq, status] of Object.entries(statuses)) mark(seq, status);
    $("zalo-empty").hidden = list.childElementCount > 0;
    onlyLastTicks();
    if (!messages.length) return;
    toEnd();
    const top = list.querySelector(`[data-seq="${messages.find((m) => m.from === "oa")?.seq}"]`);
    if (!first && top && top.offsetHeight > scroller.clientHeight) {
      scroller.scrollTop = top.offsetTop - scroller.offsetTop;
    }
    if (!first && messages.some((m) => m.from === "oa")) noticed();
  }

  function add(message) {
    const at = new Date(message.at);
    if (dayText(at) !== day) {
      day = dayText(at);
      list.append(el("li", { className: "zday", textContent: day }));
    }
    const buttons = message.buttons ?? [];
    const node = el("li", {
      className: `zmsg zmsg-${message.from}${buttons.length ? " zmsg-rich" : ""}`,
      dataset: { seq: String(message.seq) },
    });
    const bubble = linked(el("div", { className: "zbubble" }), message.text);
    bubble.append(el("span", { className: "ztime", textContent: timeText(at) }));
    node.append(bubble);
    if (buttons.length) node.append(el("div", { className: "zbuttons" }, ...buttons.map(button)));
    if (message.from === "user") {
      node.append(el("span", { className: "zticks" }));
    }
    list.append(node);
    mark(message.seq, message.status);
  }

  function button({ title, kind, value }) {
    const common = { className: "zbutton", textContent: title, dataset: { testid: "zalo-choice" } };
    if (kind === "payload") {
      const node = el("button", { ...common, type: "button" });
      node.addEventListener("click", () => post("send", { tap: value, title }));
      return node;
    }
    const node = el("a", common);
    node.href = kind in HREF ? HREF[kind] + value.replace(/^(sms|tel):/, "") : value;
    if (!/^(https?|sms|tel):$/.test(node.protocol)) node.removeAttribute("href");
    if (kind === "url") Object.assign(node, { target: "_blank", rel: "noopener noreferrer" });
    return node;
  }

  function mark(seq, status) {
    const ticks = list.querySelector(`[data-seq="${seq}"] .zticks`);
    if (!ticks || ticks.dataset.status === status) return;
    ticks.dataset.status = status;
    ticks.textContent = STATUS[status] ?? "";
  }

  /** Like the real one: the words stand under the newest message of ours only. */
  function onlyLastTicks() {
    const all = [...list.querySelectorAll(".zticks")];
    for (const [index, ticks] of all.entries()) ticks.hidden = index < all.length - 1;
  }

  function fit() {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
  }

  async function submit() {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    fit();
    const kept = base;
    if (!(await post("send", { text })) && kept === base && !input.value) {
      input.value = text;
      fit();
    }
  }

  function openMenu(open) {
    menu.hidden = !open;
    $("zalo-attach").setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button").focus();
  }

  $("zalo-form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", fit);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  const followed = new Set();
  const showFollow = () =>
    ($("zalo-follow").textContent = followed.has(base) ? "✓ Đã quan tâm" : "Quan tâm");
  $("zalo-follow").addEventListener("click", async () => {
    const whose = base;
    if (await post("follow", {})) followed.add(whose);
    showFollow();
  });
  $("zalo-attach").addEventListener("click", () => openMenu(menu.hidden));
  menu.addEventListener("click", (event) => {
    const media = event.target.closest("[data-media]")?.dataset.media;
    if (!media) return;
    openMenu(false);
    post("send", { media });
  });
  document.addEventListener("click", (event) => {
    if (!menu.hidden && !event.target.closest(".zattach")) openMenu(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    openMenu(false);
    $("zalo-attach").focus();
  });

  function begin() {
    list.replaceChildren();
    day = "";
    $("zalo-empty").hidden = false;
  }

  const followThread = follower(show, begin, error);
  onPerson("zalo-person", ({ id }) => {
    base = `/sim/zalo/phone/${encodeURIComponent(id)}`;
    begin();
    showFollow();
    followThread(`${base}/messages`);
  });

  return {
    fill(text) {
      input.value = text;
      fit();
      input.focus();
    },
  };
}
