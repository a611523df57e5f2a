/** Switches that make the simulated Zalo misbehave. */

import { request } from "/chat-static/net.js";

const $ = (id) => document.getElementById(id);
const API = "/sim/zalo/faults";
const ALL = -1; // every occasion until it is switched off
const MORE = { drop_answers: { drop_when: "after", drop_seconds: 2 } };
const FAILED = "Chưa đổi được. Xin thử lại.";

export async function startFaults() {
  const panel = $("faults");
  const said = $("faults-said");
  const switches = [...panel.querySelectorAll("input[type=checkbox]")];

  function take(state) {
    for (const one of switches) one.checked = state[one.name] !== 0;
    $("faults-on").hidden = !switches.some((one) => one.checked);
  }

  panel.addEventListener("change", async ({ target }) => {
    const { name, checked } = target;
    const body = checked ? { [name]: ALL, ...MORE[name] } : { [name]: 0 };
    const answer = await request(API, { method: "POST", body });
    said.textContent = answer.status === 200 ? "" : FAILED;
    if (answer.status === 200) take(answer.data);
    else target.checked = !checked;
  });

  $("revoke").addEventListener("click", async () => {
    const answer = await request("/sim/zalo/console/revoke", { method: "POST", body: {} });
    said.textContent =
      answer.status === 200
        ? "Đã rút quyền. Nhắn thử một câu: câu trả lời được giữ lại, nối lại rồi ít phút sau mới tới."
        : FAILED;
  });

  const answer = await request(API);
  if (answer.status === 200) take(answer.data);
}
