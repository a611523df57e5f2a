/** The message list: lines of the transcript, then messages still on their way. */

import { dayText, el, linked, timeText } from "/chat-static/text.js";

const WHO = { bot: "Trợ lý tự động", officer: "Cán bộ xã" };
const STATE = { waiting: "Đang gửi…", sent: "Đã nhận ✓" };

export class View {
  constructor({ list, scroller, newer, onChoice, onRetry }) {
    Object.assign(this, { list, scroller, newer, onChoice, onRetry });
    this.labels = new Map();
    this.pending = new Map();
    this.day = "";
    this.who = "";
    this.quiet = true;
    newer.addEventListener("click", () => this.toEnd());
    scroller.addEventListener("scroll", () => this.nearEnd() && (newer.hidden = true));
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(scroller);
  }

  nearEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < 90;
    return this.stuck;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stuck = true;
    this.newer.hidden = true;
  }

  /** Shows new transcript lines; the first batch is history and is not announced. */
  show(lines, first) {
    const follow = first || this.nearEnd();
    if (first) this.list.setAttribute("aria-live", "off");
    this.quiet = first;
    let top = null;
    for (const line of lines) {
      const node = this.line(line);
      if (line.author !== "citizen") top ??= node;
    }
    if (first) requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite"));
    if (follow) this.settle(first ? null : top);
    else if (lines.some((line) => line.author !== "citizen")) this.newer.hidden = false;
  }

  /** Scrolls to the end, but never past the beginning of an answer that is longer than the screen. */
  settle(top) {
    this.toEnd();
    if (!top) return;
    const above = this.scroller.getBoundingClientRect().top - top.getBoundingClientRect().top;
    if (above > 0) this.scroller.scrollTop -= above + 12;
  }

  line(line) {
    for (const { payload, label } of line.choices) if (payload) this.labels.set(payload, label);
    if (line.author === "citizen") {
      const text = this.labels.get(line.text) ?? line.text;
      if (text.startsWith("#")) return null; // the page's own greeting
      this.arrived(line.text);
      return this.add("citizen", text || "[Ảnh, ghi âm hoặc tệp]", [], new Date(line.at));
    }
    this.retire();
    return this.add(line.author, line.text, line.choices, new Date(line.at));
  }

  add(author, text, choices, at) {
    this.newDay(at);
    const node = el("li", { className: `msg msg-${author}${this.quiet ? "" : " msg-new"}` });
    if (author !== "citizen" && this.who !== author) {
      node.append(el("p", { className: "msg-who", textContent: WHO[author] }));
    } else if (author === "citizen") {
      node.append(el("span", { className: "sr-only", textContent: "Bạn: " }));
    }
    this.who = author;
    node.append(linked(el("div", { className: "bubble" }), text));
    if (choices.length) node.append(this.choices(choices));
    node.append(el("p", { className: "msg-meta", textContent: timeText(at) }));
    this.put(node);
    return node;
  }

  put(node) {
    const waiting = this.list.querySelector(".msg-pending");
    this.list.insertBefore(node, waiting);
  }

  newDay(at) {
    const day = dayText(at);
    if (day === this.day) return;
    this.day = day;
    this.who = "";
    this.put(el("li", { className: "day", textContent: day }));
  }

  choices(choices) {
    const list = el("ul", { className: "choices" });
    for (const choice of choices) {
      const common = { className: "choice", textContent: choice.label, dataset: { testid: "chat-choice" } };
      let button;
      if (choice.url) {
        button = el("a", { ...common, href: choice.url });
        if (/^https?:/i.test(choice.url)) Object.assign(button, { target: "_blank", rel: "noopener noreferrer" });
      } else {
        button = el("button", { ...common, type: "button" });
        button.dataset.payload = choice.payload;
        button.addEventListener("click", () => this.choose(button, choice));
      }
      list.append(el("li", {}, button));
    }
    return list;
  }

  choose(button, choice) {
    for (const other of button.closest(".choices").querySelectorAll("[data-chosen]")) {
      delete other.dataset.chosen;
    }
    button.dataset.chosen = "";
    this.onChoice(choice);
  }

  /** Earlier questions step back so that the eye finds the newest one. */
  retire() {
    for (const node of this.list.querySelectorAll(".msg:not(.msg-past)")) {
      if (node.querySelector(".choices")) node.classList.add("msg-past");
    }
  }

  /** Shows a message of ours that is on its way (or failed). */
  mark(item) {
    if (item.kind === "start" || item.shown) return;
    let node = this.pending.get(item.id)?.node;
    const fresh = !node;
    if (fresh) {
      node = el("li", { className: "msg msg-citizen msg-pending" });
      node.append(
        el("span", { className: "sr-only", textContent: "Bạn: " }),
        linked(el("div", { className: "bubble" }), item.label ?? item.text),
        el("p", { className: "msg-meta" }),
      );
      this.list.append(node);
    }
    this.pending.set(item.id, { node, item });
    const meta = node.querySelector(".msg-meta");
    node.classList.toggle("msg-failed", item.state === "failed");
    meta.textContent = item.state === "failed" ? `${item.error} ` : STATE[item.state];
    if (item.state === "failed") {
      const again = el("button", { className: "btn btn-small", type: "button", textContent: "Gửi lại" });
      again.addEventListener("click", () => this.onRetry(item.id));
      meta.append(again);
    }
    if (fresh) this.toEnd();
  }

  /** The transcript has a line of ours: the bubble that stood for it goes. */
  arrived(text) {
    const sent = [...this.pending.values()].filter(({ item }) => item.state !== "failed");
    const same = sent.find(({ item }) => [item.text.trim(), item.label].includes(text.trim()));
    const found = same ?? sent.find(({ item }) => item.state === "sent");
    if (!found) return;
    found.item.shown = true;
    found.node.remove();
    this.pending.delete(found.item.id);
  }
}
