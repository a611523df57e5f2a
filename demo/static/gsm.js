/** How many SMS parts a text takes: GSM-7 (160, then 153) or UCS-2 (70, then 67). */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const ESCAPED = new Set("^{}\\[~]|€\f");

export function measure(text) {
  let length = 0;
  for (const letter of text) {
    if (BASIC.has(letter)) length += 1;
    else if (ESCAPED.has(letter)) length += 2;
    else return count("UCS-2", text.length, 70, 67);
  }
  return count("GSM-7", length, 160, 153);
}

function count(encoding, length, one, more) {
  const parts = length <= one ? 1 : Math.ceil(length / more);
  return { encoding, length, parts, room: parts === 1 ? one : parts * more };
}
