/* One conversation: refreshed while it is open; what is being written is never lost. */

import { poll, sayExpired, showCount } from "./common.js";

const main = document.getElementById("main");
const bubbles = document.getElementById("bubbles");
const panel = document.getElementById("panel");
const below = document.getElementById("below");
const draftName = `hotro-draft-${main.dataset.id}`;
let version = main.dataset.version;
// Which panel stands there: it is exchanged only when another one is due.
let place = `${main.dataset.place} ${main.dataset.closed}`;

/* ---- what was said ---- */

// On a wide screen the bubbles scroll in their own box, on a phone with the page.
function scroller() {
  return bubbles.scrollHeight > bubbles.clientHeight + 1 ? bubbles : document.scrollingElement;
}

function endOf(box) {
  if (box === bubbles) return box.scrollHeight - box.clientHeight;
  const bottom = bubbles.getBoundingClientRect().bottom + window.scrollY;
  return Math.max(0, bottom + panel.offsetHeight - window.innerHeight);
}

function toEnd() {
  const box = scroller();
  box.scrollTop = endOf(box);
  below.hidden = true;
}

function showBubbles(html) {
  const box = scroller();
  const count = bubbles.querySelectorAll(".bubble").length;
  const atEnd = box.scrollTop >= endOf(box) - 80;
  bubbles.innerHTML = html;
  if (atEnd) toEnd();
  else if (bubbles.querySelectorAll(".bubble").length > count) below.hidden = false;
}

below.addEventListener("click", toEnd);

/* ---- what is being written ---- */

const field = () => document.getElementById("reply-text");

function parts(text) {
  // As the phone network counts an SMS without diacritics: 160 alone, 153 each when joined.
  return text.length <= 160 ? 1 : Math.ceil(text.length / 153);
}

function showLength() {
  const text = field().value.trim();
  const most = Number(field().dataset.most);
  const hint = document.getElementById("reply-count");
  const sms = main.dataset.channel === "sms";
  const left = most - text.length;
  hint.classList.toggle("error", left < 0);
  if (left < 200) hint.textContent = left < 0 ? `Dài quá ${-left} ký tự.` : `Còn ${left} ký tự.`;
  else if (sms) hint.textContent = text ? `${parts(text)} tin SMS, không dấu.` : "Tin SMS gửi đi không có dấu.";
  else hint.textContent = "";
}

function complain(text) {
  const box = document.getElementById("panel-error");
  box.textContent = text;
  box.hidden = !text;
}

function restoreDraft() {
  if (!field()) return;
  if (!field().value) field().value = sessionStorage.getItem(draftName) || "";
  showLength();
}

function showPanel(html) {
  const unsent = field() ? field().value : "";
  panel.innerHTML = html;
  restoreDraft();
  if (unsent.trim() && !field()) keepUnsent(unsent);
}

/** Somebody else has it, or Zalo carries nothing more: what was being written stays to copy. */
function keepUnsent(text) {
  const kept = document.createElement("textarea");
  kept.className = "input";
  kept.rows = 3;
  kept.readOnly = true;
  kept.value = text;
  kept.setAttribute("aria-label", "Tin anh/chị viết, chưa gửi");
  panel.prepend(kept);
}

async function send(form) {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  field().readOnly = true;
  complain("");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    const said = await answer.json();
    if (answer.ok) sent(form, said.key);
    else complain(said.error);
    if (answer.status === 401) sayExpired();
    else if (answer.status === 409) ask();
  } catch (error) {
    complain("Chưa gửi được vì mất kết nối. Anh/chị bấm Gửi lần nữa; tin không bị gửi hai lần.");
  } finally {
    button.disabled = false;
    if (field()) {
      field().readOnly = false;
      field().focus();
    }
  }
}

function sent(form, key) {
  form.elements.key.value = key;
  field().value = "";
  sessionStorage.removeItem(draftName);
  showLength();
  toEnd();
  ask().then(toEnd);
}

panel.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  sessionStorage.setItem(draftName, field().value);
  showLength();
});

panel.addEventListener("keydown", (event) => {
  if (event.target === field() && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    send(field().form);
  }
});

panel.addEventListener("submit", (event) => {
  if (event.target.id === "reply") {
    event.preventDefault();
    send(event.target);
  } else if (field() && field().value.trim()) {
    const leave = "Anh/chị còn tin chưa gửi. Vẫn trả lại cho trợ lý?";
    if (!window.confirm(leave)) event.preventDefault();
  }
});

/* ---- refreshing ---- */

const ask = poll(
  () => `/console/c/${main.dataset.id}.json?v=${version}`,
  (answer) => {
    version = answer.version;
    showCount(answer.to_do);
    if (!answer.bubbles) return;
    document.getElementById("head").innerHTML = answer.head;
    document.getElementById("known").innerHTML = answer.known;
    const due = `${answer.place} ${answer.closed}`;
    if (due !== place) {
      place = due;
      showPanel(answer.panel);
    }
    showBubbles(answer.bubbles);
  },
);

restoreDraft();
toEnd();
if (field() && window.matchMedia("(min-width: 56rem)").matches) field().focus();
