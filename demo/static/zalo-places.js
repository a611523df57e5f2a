/** What the phone with Zalo can show: a citizen's chat with the OA, with the bot, or the group. */

/**
 * From a choice above the phone: {kind, title, sub, hint, messages, send, path(name), names, me}.
 * `kind` is "oa", "bot" or "group"; `names` maps user ids of a group to names.
 */
export function placeOf({ id, place, name, title, sub, hint, members = "", names = "" }) {
  const who = encodeURIComponent(id);
  const common = { kind: place, name, title, sub, hint, names: new Map(), me: "user" };
  if (place !== "group") {
    const base = place === "bot" ? `/sim/zalobot/phone/${who}` : `/sim/zalo/phone/${who}`;
    const manager = `/sim/zalo/manager/${who}/send`;
    return { ...common, messages: `${base}/messages`, path: (word) => `${base}/${word}`, manager };
  }
  const ids = members.split(",");
  const called = names.split(",");
  const base = `/sim/zalo/groups/${who}`;
  return {
    ...common,
    me: ids[0],
    names: new Map(ids.map((one, index) => [one, called[index]])),
    messages: `${base}/messages`,
    path: (word) => `${base}/members/${encodeURIComponent(ids[0])}/${word}`,
  };
}
