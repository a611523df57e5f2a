/** Multi-tap typing: the same key within a second turns to its next letter. */

const LETTERS = {
  1: ".,?!1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6", 7: "pqrs7", 8: "tuv8",
  9: "wxyz9", 0: " 0", "*": "+-/*@:",
};
const MODES = ["abc", "ABC", "123"];
const SAME_KEY_MS = 950;
const HOLD_MS = 550;

export class Keypad {
  /** insert(text, replaceLast) changes the text box; onMode(name) shows how keys type now. */
  constructor({ insert, onMode }) {
    this.insert = insert;
    this.onMode = onMode;
    this.mode = 0;
    this.last = { key: "", at: 0, index: 0 };
    onMode(MODES[0]);
  }

  listen(buttons) {
    for (const button of buttons) {
      let timer;
      let held = false;
      button.addEventListener("pointerdown", () => {
        held = false;
        timer = setTimeout(() => {
          held = true;
          this.hold(button.dataset.key);
        }, HOLD_MS);
      });
      for (const name of ["pointerup", "pointerleave", "pointercancel"]) {
        button.addEventListener(name, () => clearTimeout(timer));
      }
      button.addEventListener("click", () => {
        if (!held) this.press(button.dataset.key);
        held = false;
      });
    }
  }

  press(key) {
    if (key === "#") {
      this.mode = (this.mode + 1) % MODES.length;
      this.last = { key: "", at: 0, index: 0 };
      this.onMode(MODES[this.mode]);
      return;
    }
    const letters = MODES[this.mode] === "123" ? key : LETTERS[key];
    const now = performance.now();
    const again = this.last.key === key && now - this.last.at < SAME_KEY_MS && letters.length > 1;
    const index = again ? (this.last.index + 1) % letters.length : 0;
    this.last = { key, at: now, index };
    const letter = letters[index];
    this.insert(MODES[this.mode] === "ABC" ? letter.toUpperCase() : letter, again);
  }

  /** Holding a key types its digit. */
  hold(key) {
    this.last = { key: "", at: 0, index: 0 };
    this.insert(key, false);
  }

  /** Something else changed the text: the next press begins a new letter. */
  forget() {
    this.last = { key: "", at: 0, index: 0 };
  }
}
