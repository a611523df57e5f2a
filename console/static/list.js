/* The list refreshes itself and says softly when somebody new is waiting. */

import { poll, showCount } from "./common.js";

const listing = document.getElementById("listing");
const arrival = document.getElementById("arrival");
let version = listing.dataset.version;
let known = new Set(
  Array.from(listing.querySelectorAll('[data-testid="list-waiting"] [data-id]'), (a) => a.dataset.id),
);
let unread = new Set(Array.from(listing.querySelectorAll(".item-new"), (a) => a.dataset.id));

function fresh(ids, before) {
  return ids.filter((id) => !before.has(String(id))).length;
}

function announce(waiting, replied) {
  const parts = [];
  if (waiting) parts.push(`${waiting} người mới đang chờ`);
  if (replied) parts.push(`${replied} người đang nói chuyện với anh/chị vừa nhắn thêm`);
  if (!parts.length) return;
  arrival.textContent = `Có ${parts.join(", ")}.`;
  arrival.hidden = false;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => (arrival.hidden = true), 20000);
}

function replaceList(html) {
  const focused = document.activeElement && document.activeElement.dataset.id;
  listing.innerHTML = html;
  const again = focused && listing.querySelector(`[data-id="${focused}"]`);
  if (again) again.focus({ preventScroll: true });
}

poll(
  () => `/console/list.json?v=${version}`,
  (answer) => {
    announce(fresh(answer.waiting, known), fresh(answer.unread, unread));
    known = new Set(answer.waiting.map(String));
    unread = new Set(answer.unread.map(String));
    version = answer.version;
    if (answer.html) replaceList(answer.html);
    showCount(answer.to_do);
  },
);
