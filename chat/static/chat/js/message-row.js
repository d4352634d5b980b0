/** @import { Message, Pending, Person, Reaction } from "./types.js" */
/** @import { MessageBodies } from "./message-body.js" */
/** @import { People } from "./people.js" */
/** @import { Quotes } from "./quotes.js" */
import { fillAvatar } from "./avatar.js";
import { isolated } from "./bidi.js";
import { cloneElement, cloneTemplate, slot } from "./dom.js";
import { showTime } from "./local-time.js";
import { fillName, labelOf } from "./person-name.js";
import { plainText } from "./plain-text.js";
import { say } from "./words.js";

const NAMES_SHOWN = 8;

/** Fills the one markup of a message (`_message.html`) with what a message, or a pending post, says. */
export class MessageRows {
  #self;
  #people;
  #quotes;
  #bodies;
  #addressOf;

  /**
   * @param {Person} self
   * @param {People} people
   * @param {Quotes} quotes
   * @param {MessageBodies} bodies
   * @param {(seq: number) => string} addressOf The permalink.
   */
  constructor(self, people, quotes, bodies, addressOf) {
    this.#self = self;
    this.#people = people;
    this.#quotes = quotes;
    this.#bodies = bodies;
    this.#addressOf = addressOf;
  }

  /** @returns {HTMLElement} */
  blank() {
    return cloneElement("message-template");
  }

  /** @param {HTMLElement} row @param {Message} message */
  fill(row, message) {
    this.#identify(row, message);
    this.#fillAuthor(row, message.author);
    this.#fillBody(row, message);
    this.#fillQuote(row, message);
    this.#fillReactions(row, message.reactions);
    showTime(slot(row, "time"), new Date(message.created_at));
    slot(row, "edited").hidden = !message.edited_at || message.deleted;
    this.#clearState(row);
  }

  /** @param {HTMLElement} row @param {Pending} pending */
  fillPending(row, pending) {
    row.dataset.client = pending.client_id;
    this.#fillAuthor(row, this.#self);
    slot(row, "body").classList.add("is-plain");
    this.#bodies.fillPlain(row, pending.body);
    this.#fillPendingQuote(row, pending.reply_to);
    showTime(slot(row, "time"), new Date(pending.created_at));
    row.classList.toggle("is-sending", pending.state === "sending");
    row.classList.toggle("is-failed", pending.state === "failed");
    this.#fillState(row, pending);
  }

  /** What the server has drawn, made the reader's own. @param {HTMLElement} row @param {Message} message */
  adopt(row, message) {
    showTime(slot(row, "time"), new Date(message.created_at));
    this.#fillReactions(row, message.reactions);
    this.#fillQuote(row, message);
    if (!message.deleted) this.#bodies.adopt(row, message.html);
  }

  /** @param {HTMLElement} row @param {Message} message */
  #identify(row, message) {
    const { id, seq, changed_seq } = message;
    Object.assign(row.dataset, { id, seq, changed: changed_seq });
    delete row.dataset.client;
    for (const name of ["author", "body", "time"]) slot(row, name).id = `${name}-${seq}`;
    row.setAttribute("aria-labelledby", `author-${seq} body-${seq} time-${seq}`);
    slot(row, "permalink").setAttribute("href", this.#addressOf(seq));
  }

  /** @param {HTMLElement} row @param {Person} author */
  #fillAuthor(row, author) {
    row.classList.toggle("is-mine", author.id === this.#self.id);
    const person = this.#people.now(author);
    fillAvatar(slot(row, "avatar"), person);
    fillName(slot(row, "author"), person);
  }

  /** @param {HTMLElement} row @param {Message} message */
  #fillBody(row, { deleted, html }) {
    row.classList.toggle("is-deleted", deleted);
    slot(row, "body").classList.remove("is-plain");
    if (deleted) this.#bodies.fillPlain(row, say("deleted"));
    else this.#bodies.fill(row, html);
  }

  /** @param {HTMLElement} row @param {Message} message */
  #fillQuote(row, { reply_to, deleted }) {
    const quote = slot(row, "quote");
    quote.hidden = !reply_to || deleted;
    if (!reply_to || deleted) return;
    quote.setAttribute("href", this.#addressOf(reply_to.seq));
    quote.dataset.seq = String(reply_to.seq);
    const here = this.#quotes.here(reply_to);
    this.#describeQuote(row, here);
    if (!here) void this.#quotes.fetch(reply_to).then((message) => this.#describeQuote(row, message));
  }

  /** @param {HTMLElement} row @param {number | null} id */
  #fillPendingQuote(row, id) {
    const quote = slot(row, "quote");
    quote.hidden = id === null;
    if (id !== null) this.#describeQuote(row, this.#quotes.here({ id, seq: 0 }));
  }

  /** @param {HTMLElement} row @param {Message | null} message */
  #describeQuote(row, message) {
    if (message) fillName(slot(row, "quote-author"), this.#people.now(message.author));
    else slot(row, "quote-author").textContent = "";
    slot(row, "quote-text").textContent = message ? plainText(message) : say("earlier-message");
  }

  /** @param {HTMLElement} row @param {Reaction[]} reactions */
  #fillReactions(row, reactions) {
    const list = slot(row, "reactions");
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const emoji = focused instanceof HTMLElement ? focused.dataset.emoji : null;
    list.hidden = reactions.length === 0;
    list.replaceChildren(...reactions.map((reaction) => this.#reaction(reaction)));
    for (const button of list.querySelectorAll("button")) if (emoji === button.dataset.emoji) button.focus();
  }

  /** @param {Reaction} reaction */
  #reaction({ emoji, count, users }) {
    const item = cloneElement("reaction-template");
    const button = /** @type {HTMLButtonElement} */ (item.querySelector("button"));
    button.dataset.emoji = emoji;
    button.setAttribute("aria-pressed", String(users.includes(this.#self.id)));
    button.children[0].textContent = emoji;
    button.children[1].textContent = String(count);
    const label = say("reaction", { emoji, names: this.#namesOf(users, count) });
    button.setAttribute("aria-label", `${label} (${count})`);
    button.title = label;
    return item;
  }

  /** @param {number[]} users @param {number} count */
  #namesOf(users, count) {
    const known = users.map((id) => this.#people.find(id)).filter((person) => person !== null);
    const names = known.slice(0, NAMES_SHOWN).map((person) => (person.id === this.#self.id ? say("you") : isolated(labelOf(person))));
    if (names.length === 0) return say("reaction-unknown", { count });
    if (names.length === count) return names.join(", ");
    return say("reaction-more", { names: names.join(", "), count: count - names.length });
  }

  /** @param {HTMLElement} row */
  #clearState(row) {
    row.classList.remove("is-sending", "is-failed");
    const state = slot(row, "state");
    state.hidden = true;
    state.replaceChildren();
  }

  /** @param {HTMLElement} row @param {Pending} pending */
  #fillState(row, { state, error }) {
    const line = slot(row, "state");
    line.hidden = state !== "failed";
    if (state !== "failed") return line.replaceChildren();
    line.replaceChildren(cloneTemplate("failed-template"));
    const why = error?.code === "line_broke" ? say("line-broke") : `${say("not-sent")} ${error?.detail ?? ""}`;
    slot(line, "why").textContent = why;
  }
}
