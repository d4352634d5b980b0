/** @import { Reference } from "./drafts.js" */
/** @import { Quotes } from "./quotes.js" */
/** @import { Message } from "./types.js" */
import { element, slot } from "./dom.js";
import { labelOf } from "./person-name.js";
import { plainText } from "./plain-text.js";
import { say } from "./words.js";

/** Says above the composer what is being answered. */
export class ReplyLine {
  #quotes;
  #line = element("composer-reply");
  /** @type {Reference | null} */
  #reference = null;

  /** @param {Quotes} quotes @param {() => void} dropped */
  constructor(quotes, dropped) {
    this.#quotes = quotes;
    slot(this.#line, "cancel").addEventListener("click", dropped);
  }

  get reference() {
    return this.#reference;
  }

  /** @param {Reference | null} reference The message answered; null: none. */
  show(reference) {
    this.#reference = reference && { id: reference.id, seq: reference.seq };
    this.#line.hidden = !reference;
    if (!reference) return;
    const here = this.#quotes.here(reference);
    this.#describe(here);
    if (here) return;
    void this.#quotes.fetch(reference).then((message) => this.#reference?.id === reference.id && this.#describe(message));
  }

  /** It was edited or deleted, perhaps. */
  refresh() {
    const here = this.#reference && this.#quotes.here(this.#reference);
    if (here) this.#describe(here);
  }

  /** @param {Message | null} message Null: it cannot be seen from here. */
  #describe(message) {
    const text = slot(this.#line, "text");
    if (!message) text.textContent = say("replying-to-earlier");
    else if (message.deleted) text.textContent = say("replying-to-deleted", { name: labelOf(message.author) });
    else text.textContent = say("replying-to", { name: labelOf(message.author), text: plainText(message) });
  }
}
