/**
 * Messages on their way to the server, one at a time and in order. They are kept in the
 * tab's storage, so a reload or a restart of the server loses none; the server drops an id
 * that it has seen before, so sending again is safe.
 */

import { Backoff, isTemporary, request, sleep } from "/chat-static/net.js";

export class Outbox {
  /** onChange(item) after each change of an item's state: waiting, sent, failed. */
  constructor(url, key, onChange, onTrouble) {
    this.url = url;
    this.key = key;
    this.onChange = onChange;
    this.onTrouble = onTrouble;
    this.items = load(key);
    this.running = false;
    this.wake = null;
  }

  add(item) {
    this.items.push({ ...item, state: "waiting" });
    this.save();
    this.onChange(this.items.at(-1));
    this.run();
  }

  retry(id) {
    const item = this.items.find((it) => it.id === id);
    if (!item) return;
    item.state = "waiting";
    this.onChange(item);
    this.run();
  }

  clear() {
    this.items = [];
    this.save();
  }

  /** The network came back: do not sit out the pause. */
  hurry() {
    this.wake?.abort();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    const backoff = new Backoff();
    for (let item; (item = this.items.find((it) => it.state === "waiting")); ) {
      const { id, kind, text } = item;
      const answer = await request(this.url, { method: "POST", body: { id, kind, text } });
      if (answer.status === 202) {
        backoff.reset();
        this.settle(item, "sent");
        this.onTrouble("");
      } else if (isTemporary(answer.status)) {
        if (answer.status === 429) this.onTrouble(answer.data?.error ?? "");
        this.wake = new AbortController();
        await sleep(Math.max(backoff.take(), answer.retryAfter * 1000), this.wake.signal);
      } else {
        item.error = answer.data?.error ?? "Chưa gửi được tin này.";
        item.status = answer.status;
        this.settle(item, "failed");
      }
    }
    this.running = false;
  }

  settle(item, state) {
    item.state = state;
    this.save();
    this.onChange(item);
  }

  save() {
    try {
      const kept = this.items.filter((item) => item.state !== "sent");
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // A private window without storage: the message still goes out from memory.
    }
  }
}

function load(key) {
  try {
    const items = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(items) ? items.map((item) => ({ ...item, state: "waiting" })) : [];
  } catch {
    return [];
  }
}
