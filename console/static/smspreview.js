/* Shows a text as an old phone does while it is typed. Any page: _sms_preview.html. */

const WAIT = 300;

function watch(box) {
  const field = document.getElementById(box.dataset.smsPreview);
  if (!field) return;
  const screens = box.querySelector("[data-screens]");
  const empty = box.querySelector("[data-empty]");
  let timer = 0;
  let latest = 0;

  async function ask() {
    const mine = ++latest;
    const answer = await fetch("/console/sms/preview", {
      method: "POST",
      body: new URLSearchParams({ csrf: box.dataset.csrf, text: field.value }),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!answer.ok || mine !== latest) return;
    const said = await answer.json();
    screens.innerHTML = said.html;
    empty.hidden = said.html !== "";
    box.dispatchEvent(new CustomEvent("smspreview", { detail: said, bubbles: true }));
  }

  function soon() {
    clearTimeout(timer);
    // Without a connection what stood there stays; the next letter asks again.
    timer = setTimeout(() => ask().catch(() => {}), WAIT);
  }

  field.addEventListener("input", soon);
  // Not before: a browser that comes back fills in what was typed only now.
  window.addEventListener("pageshow", () => {
    if (field.value.trim() && !screens.firstElementChild) soon();
  });
}

for (const box of document.querySelectorAll("[data-sms-preview]")) watch(box);
for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;
