/** The lower end of the phone with Zalo: words, a quoted message, the menu of attachments. */

import { brief } from "/demo-static/zalo-bubble.js";

const $ = (id) => document.getElementById(id);

/** send(body, quoted) resolves with whether it was sent; `quoted` is the text quoted, or "". */
export function startComposer(send) {
  const input = $("zalo-input");
  const menu = $("zalo-menu");
  let quoted = null;
  let turn = 0;

  function fit() {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
  }

  function fill(text) {
    input.value = text;
    fit();
  }

  function quote(message) {
    quoted = message;
    $("zalo-quoting").hidden = !message;
    $("zalo-quoted").textContent = message ? brief(message) : "";
    if (message) input.focus();
  }

  async function submit() {
    const text = input.value.trim();
    if (!text) return;
    const kept = { turn, quoted };
    fill("");
    quote(null);
    const body = kept.quoted ? { text, quote: kept.quoted.id } : { text };
    const sent = await send(body, kept.quoted ? brief(kept.quoted) : "");
    if (sent || kept.turn !== turn || input.value) return;
    fill(text);
    quote(kept.quoted);
  }

  function openMenu(open) {
    menu.hidden = !open;
    $("zalo-attach").setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button:not([hidden])").focus();
  }

  /** Another place is shown: what can be attached there, and nothing half-written of before. */
  function turnTo(kind) {
    turn += 1;
    fill("");
    quote(null);
    openMenu(false);
    $("zalo-attach").hidden = kind === "group";
    for (const item of menu.children) {
      item.dataset.media = item.dataset[kind] ?? "";
      item.hidden = !item.dataset.media;
    }
  }

  $("zalo-form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", fit);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  $("zalo-unquote").addEventListener("click", () => {
    quote(null);
    input.focus();
  });
  $("zalo-attach").addEventListener("click", () => openMenu(menu.hidden));
  menu.addEventListener("click", (event) => {
    const media = event.target.closest("[data-media]")?.dataset.media;
    if (!media) return;
    openMenu(false);
    send({ media }, "");
  });
  document.addEventListener("click", (event) => {
    if (!menu.hidden && !event.target.closest(".zattach")) openMenu(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    openMenu(false);
    $("zalo-attach").focus();
  });

  return { fill, quote, turnTo, focus: () => input.focus() };
}
