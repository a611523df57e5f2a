/** The demo's clock and the state of the model. */

import { request, sleep } from "/chat-static/net.js";
import { calendar, dayText, timeText } from "/chat-static/text.js";

const $ = (id) => document.getElementById(id);
const MODEL = {
  training: "Máy đang học từ các câu hỏi mẫu (chỉ lần đầu). Cứ nhắn, tin được giữ lại và trả lời sau.",
  loading: "Đang nạp mô hình hiểu tiếng Việt. Cứ nhắn, tin được giữ lại và trả lời sau ít giây.",
  ready: "Mô hình hiểu tiếng Việt đã sẵn sàng.",
  missing: "Chưa có mô hình hiểu tiếng Việt, máy chỉ hiểu từ khóa. Chạy “hotro train” để tạo.",
  failed: "Mô hình không nạp được, máy chỉ hiểu từ khóa.",
};
let ahead = 0;

const now = () => new Date(Date.now() + ahead);

function tick() {
  const time = timeText(now());
  for (const node of document.querySelectorAll("[data-clock-time]")) {
    if (node.textContent !== time) node.textContent = time;
  }
  const { weekday, day, month, year } = calendar(now());
  const date = `${weekday}, ${day} tháng ${month} năm ${year}`;
  if ($("clock-date").textContent !== date) $("clock-date").textContent = date;
}

function take({ now: instant, model }) {
  ahead = Date.parse(instant) - Date.now();
  $("clock-now").dataset.now = instant;
  tick();
  $("model-state").dataset.state = model.state;
  const text = [MODEL[model.state], model.detail].filter(Boolean).join(" ");
  if ($("model-text").textContent !== text) $("model-text").textContent = text;
}

async function move(keys, body) {
  keys.setAttribute("aria-busy", "true");
  for (const key of keys.children) key.disabled = true;
  const answer = await request("/demo/clock", { method: "POST", body, timeout: 60000 });
  keys.removeAttribute("aria-busy");
  for (const key of keys.children) key.disabled = false;
  if (answer.status === 200) {
    take(answer.data);
    $("clock-said").textContent = body.reset
      ? "Đồng hồ đã về hiện tại."
      : `Đã tua tới ${timeText(now())}, ${dayText(now())}.`;
  } else {
    $("clock-said").textContent = answer.data?.error ?? "Chưa tua được. Xin thử lại.";
  }
}

export async function startClock() {
  const keys = document.querySelector(".clock-keys");
  document.querySelector("[data-reset]").addEventListener("click", () => move(keys, { reset: true }));
  keys.addEventListener("click", ({ target }) => {
    const key = target.closest("button");
    if (key) move(keys, { advance_seconds: Number(key.dataset.advance) });
  });
  setInterval(tick, 1000);
  for (;;) {
    const answer = await request("/demo/state");
    if (answer.status === 200) take(answer.data);
    const settled = answer.status === 200 && answer.data.model.state === "ready";
    await sleep(settled ? 8000 : 2000);
  }
}
