/* One gateway: what it does, what became of its trials and whether a message came, as one looks. */

import { poll } from "./common.js";

const main = document.getElementById("main");
const doing = document.getElementById("doing");
const trials = document.getElementById("trials");
const heard = document.getElementById("heard");
const notHeard = document.getElementById("not-heard");

const shown = new Map();

function renew(part, html) {
  if (shown.get(part) !== html) part.innerHTML = html;
  shown.set(part, html);
}

poll(
  () => main.dataset.smsLive,
  (answer) => {
    renew(doing, answer.doing);
    renew(trials, answer.trials);
    if (!heard) return;
    if (heard.textContent !== answer.heard) heard.textContent = answer.heard;
    heard.hidden = answer.heard === "";
    notHeard.hidden = answer.heard !== "";
  },
);
