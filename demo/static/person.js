/** The switch of simulated persons above a phone. */

import { follow } from "/chat-static/net.js";

/** Calls onPick({id, name, ...}) now and on each change: the value and the data-* of the choice. */
export function onPerson(group, onPick) {
  const inputs = [...document.querySelectorAll(`input[name="${group}"]`)];
  const pick = (input) => onPick({ id: input.value, ...input.dataset });
  for (const input of inputs) input.addEventListener("change", () => pick(input));
  pick(inputs.find((input) => input.checked) ?? inputs[0]);
}

/** Follows one person's messages at a time; the returned switch(url) drops the former poll. */
export function follower(onData, onReset, error) {
  let stop = new AbortController();
  return (url) => {
    stop.abort();
    stop = new AbortController();
    follow({
      urlFor: (after, wait) => `${url}?after=${after}&wait=${wait}`,
      onData,
      onReset,
      onState: (state) => {
        if (state === "offline") error("Mất kết nối. Đang kết nối lại…");
        else if (state === "gone") error("Điện thoại mô phỏng chưa chạy.");
        else error("");
      },
      signal: stop.signal,
    });
  };
}

/** Shows or hides a phone's line for errors. */
export const errorLine = (node) => (text) => {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
};

export const NOT_SENT = "Chưa gửi được. Xin thử lại sau ít giây.";
