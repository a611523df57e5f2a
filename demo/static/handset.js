/** The keypad phone. */

import { request } from "/chat-static/net.js";
import { calendar, el, timeText } from "/chat-static/text.js";
import { measure } from "/demo-static/gsm.js";
import { Keypad } from "/demo-static/keypad.js";
import { NOT_SENT, errorLine, follower, onPerson } from "/demo-static/person.js";

const $ = (id) => document.getElementById(id);
const BUDGET = 2; // parts that one answer of the office may cost

export function startHandset(noticed) {
  const list = $("sms-messages");
  const scroller = $("sms-scroll");
  const input = $("sms-input");
  const error = errorLine($("sms-error"));
  let base = "";

  function show({ messages }, first) {
    for (const message of messages) add(message);
    $("sms-empty").hidden = list.childElementCount > 0;
    if (!messages.length) return;
    list.lastElementChild.scrollIntoView({ block: "nearest" });
    scroller.scrollTop = list.lastElementChild.offsetTop - list.offsetTop;
    if (!first && messages.some((m) => m.from === "office")) noticed();
  }

  function add({ from, text, parts, at }) {
    const when = new Date(at);
    const { day, month } = calendar(when);
    const who = from === "office" ? "◂ Xã nhắn" : "▸ Đã gửi";
    const cost = from === "office" ? `${parts}/${BUDGET} phần` : `${parts} phần`;
    list.append(
      el(
        "li",
        { className: `kmsg kmsg-${from}` },
        el(
          "div",
          { className: "kfrom" },
          el("span", { textContent: who }),
          el("span", { textContent: `${day}/${month} ${timeText(when)}` }),
        ),
        el("div", { className: "ktext", textContent: text }),
        el("div", { className: "kparts", textContent: cost }),
      ),
    );
  }

  function count() {
    const { length, room, parts, encoding } = measure(input.value);
    const note = encoding === "UCS-2" ? " có dấu" : "";
    $("sms-count").textContent = `${length}/${room}${note} · ${parts} phần`;
    input.scrollTop = input.scrollHeight;
  }

  const keypad = new Keypad({
    insert(text, replaceLast) {
      const { selectionStart: start, selectionEnd: end } = input;
      input.setRangeText(text, replaceLast && start === end ? Math.max(0, start - 1) : start, end, "end");
      count();
    },
    onMode: (name) => ($("sms-mode").textContent = name),
  });

  async function submit() {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    keypad.forget();
    count();
    const kept = base;
    const answer = await request(`${base}/send`, { method: "POST", body: { text } });
    error(answer.status === 200 ? "" : NOT_SENT);
    if (answer.status !== 200 && kept === base && !input.value) {
      input.value = text;
      count();
    }
  }

  keypad.listen(document.querySelectorAll("[data-key]"));
  input.addEventListener("input", () => {
    keypad.forget();
    count();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  $("sms-form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  $("sms-clear").addEventListener("click", () => {
    const { selectionStart: start, selectionEnd: end } = input;
    input.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
    keypad.forget();
    count();
  });
  for (const key of document.querySelectorAll("[data-scroll]")) {
    key.addEventListener("click", () => scroller.scrollBy({ top: 60 * Number(key.dataset.scroll) }));
  }

  function begin() {
    list.replaceChildren();
    $("sms-empty").hidden = false;
  }

  const followThread = follower(show, begin, error);
  onPerson("sms-person", ({ id }) => {
    base = `/sim/sms/handset/${encodeURIComponent(id)}`;
    begin();
    $("sms-number").textContent = id.replace(/^\+84/, "0");
    followThread(`${base}/messages`);
  });
  count();

  return {
    fill(text) {
      input.value = text;
      keypad.forget();
      count();
      input.focus();
      input.setSelectionRange(text.length, text.length);
    },
  };
}
