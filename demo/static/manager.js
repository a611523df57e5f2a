/** An officer who answers in Zalo's own OA Manager, past the desk. */

import { request } from "/chat-static/net.js";
import { NOT_SENT } from "/demo-static/person.js";

const $ = (id) => document.getElementById(id);

/** Returns turnTo(place): whose conversation is open there. */
export function startManager() {
  const text = $("manager-text");
  const said = $("manager-said");
  let citizen = null;

  $("manager").addEventListener("submit", async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return text.focus();
    const { manager, name } = citizen;
    const answer = await request(manager, { method: "POST", body: { text: words } });
    said.textContent = answer.status === 200 ? `Đã gửi cho ${name}.` : NOT_SENT;
    if (answer.status === 200) text.value = "";
  });

  return (place) => {
    citizen = place;
    $("manager-whom").textContent = place.name;
    said.textContent = "";
  };
}
