import { asSent, lengthOf } from "./typed-text.js";
import { say } from "./words.js";

const TOLD_FROM = 200;

/** Says near the bound how much more a text may hold, and beyond it by how much it is too long. */
export class LengthNote {
  #note;
  #field;

  /** @param {HTMLElement} note @param {HTMLTextAreaElement} field Says by `data-most` how many code points it may hold. */
  constructor(note, field) {
    this.#note = note;
    this.#field = field;
  }

  /** Code points beyond what can be sent: 0 or less where it can. */
  get tooMany() {
    return lengthOf(asSent(this.#field.value)) - Number(this.#field.dataset.most);
  }

  get text() {
    const { tooMany } = this;
    const name = tooMany > 0 ? "too-many" : "characters-left";
    const count = Math.abs(tooMany);
    return say(count === 1 ? `${name}-one` : name, { count });
  }

  /** To be called when the text has changed. */
  update() {
    const { tooMany } = this;
    this.#note.hidden = tooMany < -TOLD_FROM;
    this.#note.classList.toggle("is-too-much", tooMany > 0);
    this.#field.setAttribute("aria-invalid", String(tooMany > 0));
    if (!this.#note.hidden) this.#note.textContent = this.text;
  }
}
