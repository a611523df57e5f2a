/** Requests that survive a restarting server. Used by the chat and the demo page. */

export const sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** Waits that grow from half a second to 15, a little random so that phones spread out. */
export class Backoff {
  constructor(first = 500, most = 15000) {
    this.first = first;
    this.most = most;
    this.reset();
  }

  reset() {
    this.next = this.first;
  }

  take() {
    const wait = this.next * (0.75 + Math.random() / 2);
    this.next = Math.min(this.most, this.next * 2);
    return wait;
  }
}

/**
 * One request. Resolves with {status, data, retryAfter}; status 0 means that no answer came
 * (network, time-out, proxy page), which is worth another try.
 */
export async function request(url, { method = "GET", body, timeout = 15000, signal } = {}) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, timeout);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await fetch(url, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: stop.signal,
    });
    const data = await response.json().catch(() => null);
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    return { status: data === null && response.ok ? 0 : response.status, data, retryAfter };
  } catch {
    return { status: 0, data: null, retryAfter: 0 };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

export const isTemporary = (status) => status === 0 || status === 429 || status >= 500;

/** Resolves at once while the page is seen; after five hidden minutes, when it is seen again. */
async function whileSeen(state) {
  if (!document.hidden) {
    state.hiddenSince = 0;
    return;
  }
  state.hiddenSince ||= Date.now();
  if (Date.now() - state.hiddenSince < 300000) return;
  await new Promise((resolve) =>
    document.addEventListener("visibilitychange", resolve, { once: true }),
  );
  state.hiddenSince = 0;
}

/**
 * Long-polls urlFor(after, wait) until the signal aborts or the address is gone.
 * onData(data, first) gets each answer (with its `next`), onState "online" | "offline" | "gone";
 * onReset() says that the server came back without what it had sent: begin again.
 */
export async function follow({
  urlFor, onData, onState = () => {}, onReset = () => {}, signal, wait = 20,
}) {
  const backoff = new Backoff();
  const seen = { hiddenSince: 0 };
  let after = 0;
  let first = true;
  let hasty = 0;
  let lost = false;
  while (!signal?.aborted) {
    await whileSeen(seen);
    const began = Date.now();
    // After an outage one look from the beginning tells whether this is the same server still.
    const answer = await request(lost ? urlFor(0, 0) : urlFor(after, first ? 0 : wait), {
      timeout: (wait + 12) * 1000,
      signal,
    });
    if (signal?.aborted) return;
    if (answer.status === 200) {
      backoff.reset();
      onState("online");
      if (lost) {
        lost = false;
        if (answer.data.next >= after) continue;
        after = 0;
        first = true;
        onReset();
      }
      const moved = answer.data.next > after;
      after = Math.max(after, answer.data.next);
      onData(answer.data, first);
      // Empty answers that come at once, again and again, must not become a storm.
      hasty = moved || first || Date.now() - began > 1000 ? 0 : hasty + 1;
      if (hasty) await sleep(Math.min(2000, 100 * 2 ** hasty), signal);
      first = false;
    } else if (isTemporary(answer.status)) {
      onState("offline", answer);
      lost ||= answer.status !== 429 && after > 0;
      await sleep(Math.max(backoff.take(), answer.retryAfter * 1000), signal);
    } else {
      onState("gone", answer);
      return;
    }
  }
}
