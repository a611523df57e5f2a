/** The phone with Zalo. */

import { request, sleep } from "/chat-static/net.js";
import { dayText, el } from "/chat-static/text.js";
import { NOT_SENT, errorLine, follower, onPerson } from "/demo-static/person.js";
import { bubbleOf, quoteLine } from "/demo-static/zalo-bubble.js";
import { startComposer } from "/demo-static/zalo-compose.js";
import { closeForm } from "/demo-static/zalo-form.js";
import { placeOf } from "/demo-static/zalo-places.js";

const $ = (id) => document.getElementById(id);
const STATUS = { sent: "✓ Đã gửi", received: "✓✓ Đã nhận", seen: "✓✓ Đã xem" };
const EMPTY = {
  oa: "Bấm “Quan tâm” hoặc nhắn luôn một câu hỏi.",
  bot: "Nhắn một câu hỏi để bắt đầu.",
  group: "Chưa có câu hỏi nào chờ cán bộ.",
};
const LOOK_MS = 4000;

/** onCitizen(place) is told which citizen of the OA holds the phone. */
export function startZalo(noticed, onCitizen) {
  const list = $("zalo-messages");
  const scroller = $("zalo-scroll");
  const error = errorLine($("zalo-error"));
  const composer = startComposer(send);
  const followed = new Set();
  const quotes = new Map(); // id of a message -> what it quotes; the phones' JSON does not say it
  let place = null;
  let day = "";

  const toEnd = () => (scroller.scrollTop = scroller.scrollHeight);

  async function post(path, body) {
    const { status, data } = await request(place.path(path), { method: "POST", body });
    error(status === 200 ? "" : NOT_SENT);
    return status === 200 ? data : null;
  }

  async function send(body, quoted) {
    const sent = await post("send", body);
    if (sent && quoted) showQuote(sent.id, quoted);
    return sent !== null;
  }

  /** The long poll may have brought the message before the answer of its sending. */
  function showQuote(id, quoted) {
    quotes.set(id, quoted);
    const bubble = list.querySelector(`[data-id="${CSS.escape(id)}"] .zbubble`);
    if (bubble && !bubble.querySelector(".zquote")) bubble.prepend(quoteLine(quoted));
  }

  function show({ messages, statuses = {}, typing = false }, first) {
    for (const message of messages) add(message);
    for (const [seq, status] of Object.entries(statuses)) mark(seq, status);
    $("zalo-empty").hidden = list.childElementCount > 0;
    $("zalo-typing").hidden = !typing;
    onlyLastTicks();
    if (typing) toEnd();
    if (!messages.length) return;
    toEnd();
    const top = list.querySelector(`[data-seq="${messages.find((m) => m.from === "oa")?.seq}"]`);
    if (!first && top && top.offsetHeight > scroller.clientHeight) {
      scroller.scrollTop = top.offsetTop - scroller.offsetTop;
    }
    if (!first && messages.some((m) => m.from === "oa")) noticed();
  }

  const actions = {
    tap: (body) => send(body, ""),
    submit: async (filled) => (await post("submit", { ...filled, shape: "new" })) !== null,
    reply: (message) => composer.quote(message),
  };

  function add(message) {
    const at = dayText(new Date(message.at));
    if (at !== day) {
      day = at;
      list.append(el("li", { className: "zday", textContent: day }));
    }
    if (message.kind === "form" && message.from === "user") {
      for (const card of list.querySelectorAll(".zform:not([data-done])")) closeForm(card);
    }
    list.append(bubbleOf(message, place, quotes.get(message.id), actions));
    mark(message.seq, message.status);
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

  const showFollow = () =>
    ($("zalo-follow").textContent = followed.has(place.messages) ? "✓ Đã quan tâm" : "Quan tâm");
  $("zalo-follow").addEventListener("click", async () => {
    const whose = place.messages;
    if (await post("follow", {})) followed.add(whose);
    showFollow();
  });

  function begin() {
    list.replaceChildren();
    day = "";
    $("zalo-empty").hidden = false;
    $("zalo-typing").hidden = true;
  }

  function dress() {
    $("zalo-title").textContent = $("zalo-empty-title").textContent = place.title;
    $("zalo-sub").textContent = place.sub;
    $("zalo-hint").textContent = place.hint;
    $("zalo-hint").hidden = !place.hint;
    $("zalo-empty-text").textContent = EMPTY[place.kind];
    $("zalo-follow").hidden = place.kind !== "oa";
    showFollow();
  }

  const followThread = follower(show, begin, error);
  const sawGroup = watchGroup(() => place.kind === "group");
  onPerson("zalo-person", (picked) => {
    if (place?.kind === "group") sawGroup(Number(list.lastElementChild?.dataset.seq ?? 0));
    place = placeOf(picked);
    if (place.kind === "group") sawGroup(0);
    begin();
    composer.turnTo(place.kind);
    dress();
    if (place.kind === "oa") onCitizen(place);
    followThread(place.messages);
  });

  return {
    fill(text) {
      // A citizen's question: the group of officers is no place for it.
      if (place.kind === "group") document.querySelector('[data-place="oa"]').click();
      composer.fill(text);
      composer.focus();
    },
  };
}

/**
 * A dot on the group's name when something was posted there while another phone is looked at.
 * Returns saw(seq): the newest message that was on the screen.
 */
function watchGroup(isShown) {
  const input = document.querySelector('input[data-place="group"]');
  const dot = input.parentElement.querySelector(".dot");
  const { messages } = placeOf({ id: input.value, ...input.dataset });
  let seen = null;

  async function look() {
    const answer = await request(`${messages}?after=${seen ?? 0}&wait=0`);
    if (answer.status !== 200) return;
    const fresh = seen !== null && answer.data.messages.some((message) => message.seq > seen);
    if (fresh && !isShown()) dot.hidden = false;
    seen = Math.max(seen ?? 0, answer.data.next);
  }

  (async () => {
    for (;;) {
      if (!document.hidden) await look();
      await sleep(LOOK_MS);
    }
  })();
  return (seq) => {
    dot.hidden = true;
    seen = Math.max(seen ?? 0, seq);
  };
}
