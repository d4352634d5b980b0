/** @import { Message, Pending, Person } from "./types.js" */
/** @import { MessageBodies } from "./message-body.js" */
/** @import { People } from "./people.js" */
/** @import { Quotes } from "./quotes.js" */
import { fillAvatar } from "./avatar.js";
import { cloneElement, cloneTemplate, slot } from "./dom.js";
import { setHtml, setNodes, setText } from "./in-place.js";
import { showTime } from "./local-time.js";
import { fillName } from "./person-name.js";
import { quoteText } from "./plain-text.js";
import { ReactionLists } from "./reaction-list.js";
import { say } from "./words.js";

/** Fills the one markup of a message (`_message.html`) with what a message, or a pending post, says. */
export class MessageRows {
  #self;
  #people;
  #quotes;
  #reactions;
  #bodies;
  #addressOf;
  /** The HTML that a body shows. @type {WeakMap<HTMLElement, string>} */
  #shown = new WeakMap();

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
    this.#reactions = new ReactionLists(self, people);
    this.#bodies = bodies;
    this.#addressOf = addressOf;
  }

  /** @returns {HTMLElement} */
  blank() {
    const row = cloneElement("message-template");
    this.#reactions.prepare(slot(row, "reactions"));
    return row;
  }

  /** @param {HTMLElement} row @param {Message} message */
  fill(row, message) {
    this.#identify(row, message);
    this.#fillAuthor(row, message.author);
    this.#fillBody(row, message);
    this.fillQuote(row, message);
    this.#reactions.fill(slot(row, "reactions"), message.reactions);
    showTime(slot(row, "time"), new Date(message.created_at));
    slot(row, "edited").hidden = !message.edited_at || message.deleted;
    this.#clearState(row);
  }

  /** @param {HTMLElement} row @param {Pending} pending */
  fillPending(row, pending) {
    row.dataset.client = pending.client_id;
    this.#fillAuthor(row, this.#self);
    const body = slot(row, "body");
    body.classList.add("is-plain");
    if (!body.hasChildNodes()) body.append(...paragraphs(pending.body));
    this.#fillPendingQuote(row, pending.reply_to);
    showTime(slot(row, "time"), new Date(pending.created_at));
    row.classList.toggle("is-sending", pending.state === "sending");
    row.classList.toggle("is-failed", pending.state === "failed");
    this.#fillState(row, pending);
  }

  /** What the server has drawn, made the reader's own. @param {HTMLElement} row @param {Message} message */
  adopt(row, message) {
    const reactions = slot(row, "reactions");
    showTime(slot(row, "time"), new Date(message.created_at));
    this.#reactions.prepare(reactions);
    this.#reactions.fill(reactions, message.reactions);
    this.fillQuote(row, message);
    this.#shown.set(slot(row, "body"), message.html);
    this.#bodies.prepare(row);
  }

  /** What it answers says something else now. @param {HTMLElement} row @param {Message} quoted */
  requote(row, quoted) {
    this.#describeQuote(row, quoted);
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
    const body = slot(row, "body");
    body.classList.remove("is-plain");
    if (this.#shown.get(body) === html) return;
    this.#shown.set(body, html);
    // What stands in the log already is no news, whatever becomes of it.
    if (row.isConnected) body.setAttribute("aria-live", "off");
    // The server has sanitised it: the same HTML stands in the page that it draws itself.
    if (deleted) setNodes(body, paragraphs(say("deleted")));
    else setHtml(body, html);
    this.#bodies.prepare(row);
  }

  /** Anew, as it is now. @param {HTMLElement} row @param {Message} message */
  fillQuote(row, { reply_to, deleted }) {
    const quote = slot(row, "quote");
    quote.hidden = !reply_to || deleted;
    quote.dataset.quoted = String(reply_to?.id ?? "");
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
    quote.dataset.quoted = String(id ?? "");
    if (id !== null) this.#describeQuote(row, this.#quotes.here({ id }));
  }

  /** @param {HTMLElement} row @param {Message | null} message */
  #describeQuote(row, message) {
    const author = slot(row, "quote-author");
    if (message) fillName(author, this.#people.now(message.author));
    else setText(author, "");
    setText(slot(row, "quote-text"), message ? quoteText(message) : say("earlier-message"));
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

/** As most posts will be drawn once they are stored, so that no node has to change then. @param {string} body */
function paragraphs(body) {
  return body.split(/\n{2,}/).map((text) => {
    const paragraph = document.createElement("p");
    paragraph.dir = "auto";
    const lines = text.split("\n").flatMap((line) => [document.createElement("br"), line]);
    paragraph.append(...lines.slice(1));
    return paragraph;
  });
}
