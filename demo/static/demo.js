/** The demo page: wires the phones, the clock and the samples together. */

import { startClock } from "/demo-static/clock.js";
import { startFaults } from "/demo-static/faults.js";
import { startHandset } from "/demo-static/handset.js";
import { startManager } from "/demo-static/manager.js";
import { startZalo } from "/demo-static/zalo.js";

const tabs = [...document.querySelectorAll(".switch-tab")];

function showPhone(phone, focus = false) {
  document.body.dataset.phone = phone;
  for (const tab of tabs) {
    const on = tab.dataset.phone === phone;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on) tab.querySelector(".dot").hidden = true;
    if (on && focus) tab.focus();
  }
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => showPhone(tab.dataset.phone));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    showPhone(tabs[1 - index].dataset.phone, true);
  });
}

/** A message came to a phone that is not on the screen: its tab gets a dot. */
const noticed = (phone) => () => {
  if (document.body.dataset.phone === phone) return;
  tabs.find((tab) => tab.dataset.phone === phone).querySelector(".dot").hidden = false;
};

const phones = {
  zalo: startZalo(noticed("zalo"), startManager()),
  sms: startHandset(noticed("sms")),
};

for (const sample of document.querySelectorAll(".sample")) {
  sample.addEventListener("click", () => {
    const { phone, text } = sample.dataset;
    showPhone(phone);
    phones[phone].fill(text);
  });
}

startFaults();
startClock();
