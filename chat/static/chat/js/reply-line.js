/** @import { Reference } from "./drafts.js" */
/** @import { People } from "./people.js" */
/** @import { Quotes } from "./quotes.js" */
/** @import { Message } from "./types.js" */
import { element, slot } from "./dom.js";
import { labelOf } from "./person-name.js";
import { plainText } from "./plain-text.js";
import { say } from "./words.js";

/** Says above the composer what is being answered. */
export class ReplyLine {
  #quotes;
  #people;
  #line = element("composer-reply");
  /** @type {Reference | null} */
  #reference = null;

  /** @param {Quotes} quotes @param {People} people @param {() => void} dropped */
  constructor(quotes, people, dropped) {
    this.#quotes = quotes;
    this.#people = people;
    slot(this.#line, "cancel").addEventListener("click", dropped);
  }

  get reference() {
    return this.#reference;
  }

  /** @param {Reference | null} reference The message answered; null: none. */
  show(reference) {
    this.#reference = reference && { id: reference.id, seq: reference.seq };
    this.#line.hidden = !reference;
    slot(this.#line, "text").textContent = say("replying-to-earlier");
    this.refresh();
  }

  /** It was edited or deleted, perhaps, or can be found now. */
  refresh() {
    const reference = this.#reference;
    if (!reference) return;
    const here = this.#quotes.here(reference);
    if (here) return this.#describe(here);
    void this.#quotes.fetch(reference).then((found) => found && this.#reference?.id === reference.id && this.#describe(found));
  }

  /** @param {Message} message */
  #describe(message) {
    const values = { name: labelOf(this.#people.now(message.author)), text: plainText(message) };
    slot(this.#line, "text").textContent = say(message.deleted ? "replying-to-deleted" : "replying-to", values);
  }
}
