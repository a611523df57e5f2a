/* The editor of an announcement: whom it reaches and what it costs, while one types. */

const WAIT = 400;
const form = document.querySelector("[data-editor]");
const cost = form.querySelector("[data-cost]");
const whole = document.getElementById("whole");
const sms = document.getElementById("sms_text");
const propose = form.querySelector("[data-propose]");
let timer = 0;
let latest = 0;

async function ask() {
  const mine = ++latest;
  const answer = await fetch("/console/announcements/preview", {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  if (!answer.ok || mine !== latest) return null;
  const said = await answer.json();
  if (cost.innerHTML !== said.html) cost.innerHTML = said.html;
  if (whole.value !== said.whole) {
    whole.value = said.whole;
    whole.dispatchEvent(new Event("input"));
  }
  return said;
}

function soon() {
  clearTimeout(timer);
  // Without a connection what stood there stays; the next letter asks again.
  timer = setTimeout(() => ask().catch(() => {}), WAIT);
}

form.addEventListener("input", soon);

// Choosing a village means that it is for villages; giving an hour, that it begins then.
form.addEventListener("change", (event) => {
  const field = event.target;
  if (field.hasAttribute("data-village")) form.elements.whom.value = "villages";
  if (field.hasAttribute("data-start")) form.elements.when.value = "later";
});

propose.hidden = false;
propose.addEventListener("click", async () => {
  const said = await ask().catch(() => null);
  if (!said) return;
  sms.value = said.proposed;
  sms.focus();
  soon();
});
