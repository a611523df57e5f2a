/** The card that asks a citizen for name and phone number. */

import { el, newId } from "/chat-static/text.js";

const PHONE = /^84\d{8,10}$/;

/** "0912 000 101" or "+84 912..." as "84912000101"; null when it is no number. */
export function wirePhone(typed) {
  const digits = typed.replace(/\D/g, "");
  const number = digits.startsWith("0") ? `84${digits.slice(1)}` : digits;
  return PHONE.test(number) ? number : null;
}

/** onSubmit({name, phone}) resolves with whether it was sent. */
export function formCard(onSubmit) {
  const name = field("Họ tên", { autocomplete: "off", maxLength: 60 });
  const phone = field("Số điện thoại", { inputMode: "tel", autocomplete: "off", maxLength: 20 });
  const send = el("button", { type: "submit", className: "zform-send", textContent: "Gửi" });
  const card = el("form", { className: "zform", noValidate: true }, name.node, phone.node, send);
  card.dataset.testid = "zalo-card";
  card.addEventListener("submit", async (event) => {
    event.preventDefault();
    const called = name.input.value.trim();
    const number = wirePhone(phone.input.value);
    phone.complain(number ? "" : "Số chưa đúng, ví dụ 0912 000 101.");
    name.complain(called ? "" : "Bà con điền giúp họ tên.");
    if (!called || !number) {
      (called ? phone : name).input.focus();
      return;
    }
    send.disabled = true;
    if (await onSubmit({ name: called, phone: number })) closeForm(card);
    else send.disabled = false;
  });
  return card;
}

/** The card has been answered. */
export function closeForm(card) {
  for (const node of card.elements) node.disabled = true;
  card.querySelector(".zform-send").textContent = "✓ Đã gửi";
  card.dataset.done = "true";
}

function field(label, properties) {
  const id = newId();
  const input = el("input", { id, className: "zform-input", type: "text", ...properties });
  const error = el("span", { id: `${id}-error`, className: "zform-error" });
  input.setAttribute("aria-describedby", error.id);
  const words = el("label", { textContent: label });
  words.htmlFor = id;
  const complain = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { node: el("div", { className: "zform-field" }, words, input, error), input, complain };
}
