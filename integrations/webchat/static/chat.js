/** The citizen's chat page: wires the text box, the outbox and the message list together. */

import { follow } from "/chat-static/net.js";
import { Outbox } from "/chat-static/outbox.js";
import { newId } from "/chat-static/text.js";
import { View } from "/chat-static/view.js";

const MOST = 4000;
const $ = (id) => document.getElementById(id);
const { endpoint, startId, startText } = document.body.dataset;
const messagesUrl = `${endpoint}/messages`;
const input = $("chat-input");
const draftKey = `hotro-draft:${endpoint}`;

// ---- state lines -----------------------------------------------------------

const trouble = { offline: "", outbox: "", gone: "" };

function showTrouble() {
  const text = trouble.gone || trouble.outbox || trouble.offline;
  $("trouble").hidden = !text;
  $("trouble").dataset.kind = trouble.gone ? "bad" : "";
  if ($("trouble").dataset.text === text) return;
  $("trouble").dataset.text = text;
  $("trouble").textContent = text;
  if (trouble.gone) {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Tải lại trang";
    again.addEventListener("click", () => location.reload());
    $("trouble").append(again);
  }
}

let patience;

function showAwaiting(on) {
  clearTimeout(patience);
  $("typing").hidden = !on;
  if (!on) return;
  $("typing").dataset.busy = "";
  $("typing").textContent = "Đã nhận, đang soạn trả lời…";
  view.nearEnd() && view.toEnd();
  patience = setTimeout(() => {
    delete $("typing").dataset.busy;
    $("typing").textContent =
      "Tin đã được lưu. Khi có trả lời, tin sẽ hiện ở đây; có thể đóng trang và mở lại sau.";
  }, 30000);
}

// ---- parts -------------------------------------------------------------------

const view = new View({
  list: $("messages"),
  scroller: $("scroller"),
  newer: $("newer"),
  onChoice: (choice) => send("tap", choice.payload, choice.label),
  onRetry: (id) => outbox.retry(id),
});

const outbox = new Outbox(
  messagesUrl,
  `hotro-outbox:${endpoint}`,
  (item) => {
    view.mark(item);
    if (item.state === "sent" && !item.shown && awaited(item)) showAwaiting(true);
    if (item.status === 401) {
      trouble.gone = item.error;
      showTrouble();
    }
  },
  (text) => {
    trouble.outbox = text;
    showTrouble();
  },
);

/** A second "start" of a board is not answered; only an empty chat surely waits for one. */
const awaited = (item) => item.kind !== "start" || !view.day;

function send(kind, text, label) {
  outbox.add({ id: newId(), kind, text, label });
}

// ---- the text box --------------------------------------------------------------

function fit() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 4}px`;
  const over = input.value.length - MOST;
  $("count").hidden = over < -400;
  $("count").textContent =
    over > 0 ? `Dài quá ${over} chữ cái, xin chia thành vài tin.` : `Còn ${-over} chữ cái.`;
  $("count").toggleAttribute("data-over", over > 0);
}

function keepDraft() {
  try {
    sessionStorage.setItem(draftKey, input.value);
  } catch {
    // Without storage the text stays in the box only.
  }
}

function submit() {
  const text = input.value.trim();
  if (!text || text.length > MOST) {
    fit();
    input.focus();
    return;
  }
  send("text", text);
  input.value = "";
  keepDraft();
  fit();
  input.focus();
}

input.addEventListener("input", () => (fit(), keepDraft()));
input.addEventListener("keydown", (event) => {
  // isComposing: Enter that ends a Telex or VNI syllable must not send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

// A picture that is pasted or dropped is not uploaded: the bot explains what to do instead.
const MEDIA_LABELS = { image: "[Ảnh]", audio: "[Ghi âm]", video: "[Video]", file: "[Tệp]" };

function sendMedia(files) {
  const kind = files[0].type.split("/")[0];
  const media = kind in MEDIA_LABELS ? kind : "file";
  send("media", media, MEDIA_LABELS[media]);
}

for (const name of ["paste", "drop"]) {
  document.addEventListener(name, (event) => {
    const files = (event.clipboardData ?? event.dataTransfer)?.files;
    if (!files?.length) return;
    event.preventDefault();
    sendMedia(files);
  });
}
document.addEventListener("dragover", (event) => event.preventDefault());

// ---- contact card, leaving --------------------------------------------------------

const wide = matchMedia("(min-width: 62rem)");
const fitContact = () => ($("contact").open = wide.matches);
wide.addEventListener("change", fitContact);
fitContact();
$("scroller").addEventListener("pointerdown", () => !wide.matches && ($("contact").open = false));

$("end").addEventListener("click", async () => {
  if (!confirm("Xóa cuộc trò chuyện này khỏi máy và bắt đầu lại?")) return;
  outbox.clear();
  input.value = "";
  keepDraft();
  await fetch(`${endpoint}/end`, { method: "POST", credentials: "same-origin" }).catch(() => {});
  location.reload();
});

// ---- begin ----------------------------------------------------------------------

try {
  input.value = sessionStorage.getItem(draftKey) ?? "";
} catch {
  input.value = "";
}
fit();
if (wide.matches) input.focus();
addEventListener("online", () => outbox.hurry());

follow({
  urlFor: (after, wait) => `${messagesUrl}?after=${after}&wait=${wait}`,
  onData: ({ lines }, first) => {
    view.show(lines, first);
    if (lines.length && lines.at(-1).author !== "citizen") showAwaiting(false);
    if (!first) return;
    // The server answers one "start" for each session and board; more of them do nothing.
    outbox.items.forEach((item) => view.mark(item));
    if (!outbox.items.some((item) => item.id === startId)) {
      outbox.add({ id: startId, kind: "start", text: startText });
    }
    outbox.run();
  },
  onReset: () => location.reload(),
  onState: (state, answer) => {
    trouble.offline = state === "offline" ? "Mất kết nối. Đang kết nối lại…" : "";
    trouble.gone = state === "gone" ? (answer?.data?.error ?? "Xin tải lại trang.") : trouble.gone;
    if (state === "online") outbox.hurry();
    showTrouble();
  },
});
