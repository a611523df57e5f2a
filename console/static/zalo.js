/* Copying what has to be pasted into Zalo's pages; also over plain http, where the browser has
   no clipboard for scripts. */

const copied = document.getElementById("copied");

async function copy(field) {
  if (window.isSecureContext && navigator.clipboard) {
    await navigator.clipboard.writeText(field.value);
    return true;
  }
  field.focus();
  field.select();
  return document.execCommand("copy");
}

function tell(button, text) {
  copied.textContent = text;
  button.textContent = text;
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = String(setTimeout(() => (button.textContent = "Chép"), 2500));
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    const done = await copy(field).catch(() => false);
    field.select();
    tell(button, done ? "Đã chép" : "Bấm Ctrl + C");
  });
}

// An address like /console/zalo#paste must not end at a closed fold.
const aim = location.hash && document.getElementById(location.hash.slice(1));
for (let fold = aim && aim.closest("details"); fold; fold = fold.parentElement.closest("details")) {
  fold.open = true;
}
if (aim) aim.scrollIntoView();
