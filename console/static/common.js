/* What every page of the desk needs: refreshing, its failures, and a clean log-out. */

const EVERY = 4000;
const connection = document.getElementById("connection");

function say(text, link) {
  connection.hidden = !text;
  connection.textContent = text;
  if (link) {
    const a = document.createElement("a");
    a.href = link;
    a.textContent = "Đăng nhập";
    connection.append(" ", a);
  }
}

/** Tell that the session is over, with the way back to this very page. */
export function sayExpired() {
  say("Phiên làm việc đã hết.", "/console/login?next=" + encodeURIComponent(location.pathname));
}

/** Ask `address()` every few seconds and hand each answer to `show`. Returns "ask now". */
export function poll(address, show) {
  let timer = 0;
  let running = false;

  async function ask() {
    if (running) return;
    running = true;
    clearTimeout(timer);
    let over = false;
    try {
      const answer = await fetch(address(), {
        headers: { Accept: "application/json" },
        cache: "no-store",
        credentials: "same-origin",
      });
      over = answer.status === 401 || answer.status === 404;
      if (answer.status === 401) sayExpired();
      else if (answer.ok) {
        const said = await answer.json();
        showAround(said);
        show(said);
        say("");
      } else throw new Error(String(answer.status));
    } catch (error) {
      say("Đang mất kết nối, trang sẽ tự thử lại…");
    } finally {
      running = false;
      if (!over) timer = setTimeout(ask, EVERY);
    }
  }

  timer = setTimeout(ask, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  return ask;
}

/** Show how many citizens wait, in the navigation and in the window's title. */
export function showCount(count) {
  const shown = document.getElementById("to-do");
  shown.textContent = String(count);
  shown.hidden = count === 0;
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = count ? `(${count}) ${title}` : title;
}

let shownBanners;

/** Show what stands around every page: calls to make, what is wrong with Zalo. */
function showAround(answer) {
  const calls = document.getElementById("calls");
  if (!calls || answer.calls === undefined) return;
  calls.textContent = String(answer.calls);
  calls.hidden = answer.calls === 0;
  // Only when they changed: the link in them may have the focus.
  if (answer.banners !== shownBanners) document.getElementById("banners").innerHTML = answer.banners;
  shownBanners = answer.banners;
}

// The menu works by itself; this only closes it as people expect.
const menu = document.getElementById("menu");
document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});
menu.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// On a phone the daily pages scroll sideways: the one that is open stands in sight.
const daily = document.getElementById("daily");
const current = daily.querySelector("[aria-current]");
if (current) {
  daily.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - daily.clientWidth / 2;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-logout")) sessionStorage.clear();
  if (form.hasAttribute("data-once") && !event.defaultPrevented) {
    // After the submission has begun, or the button's own form would not be sent.
    setTimeout(() => form.querySelector("button").setAttribute("disabled", ""), 0);
  }
});

// Coming back by the Back button must not leave buttons dead.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
