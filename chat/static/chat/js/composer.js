/** @import { ChatClient } from "./client.js" */
/** @import { Drafts, Reference } from "./drafts.js" */
/** @import { Press } from "./keys.js" */
/** @import { People } from "./people.js" */
/** @import { Quotes } from "./quotes.js" */
import { element } from "./dom.js";
import { growing } from "./growing-text.js";
import { insertText } from "./insert-text.js";
import { labelEnter, onKey, sendsOnEnter } from "./keys.js";
import { LengthNote } from "./length-note.js";
import { ReplyLine } from "./reply-line.js";
import { toast } from "./toast.js";
import { asSent, isBlank } from "./typed-text.js";
import { say } from "./words.js";

/** Where one writes. */
export class Composer {
  #client;
  #room;
  #drafts;
  #events;
  #form = /** @type {HTMLFormElement} */ (element("composer"));
  #text = /** @type {HTMLTextAreaElement} */ (element("composer-text"));
  #send = /** @type {HTMLButtonElement} */ (element("composer-send"));
  #length = new LengthNote(element("composer-length"), this.#text);
  #grow = growing(this.#text);
  #reply;

  /**
   * @param {ChatClient} client
   * @param {number} room
   * @param {Drafts} drafts
   * @param {{quotes: Quotes, people: People}} room
   * @param {{sent: () => void, editLast: () => void}} events
   */
  constructor(client, room, drafts, { quotes, people }, events) {
    this.#client = client;
    this.#room = room;
    this.#drafts = drafts;
    this.#events = events;
    this.#reply = new ReplyLine(quotes, people, () => this.#dropReply());
    this.#listen();
    this.#begin(this.#text.value);
  }

  focus() {
    this.#text.focus();
  }

  get isEmpty() {
    return !this.#text.value && !this.#reply.reference;
  }

  /** @param {Reference} message */
  replyTo(message) {
    this.#reply.show(message);
    this.#keep();
    this.focus();
  }

  /** What is answered may have changed. */
  requote() {
    this.#reply.refresh();
  }

  /** Puts back what was not sent, before whatever is being written. @param {string} text @param {Reference | null} [reply] */
  putBack(text, reply = null) {
    if (reply && !this.#reply.reference) this.#reply.show(reply);
    this.#text.setSelectionRange(0, 0);
    insertText(this.#text, this.#text.value ? `${text}\n\n` : text);
  }

  /** @param {string} text */
  insert(text) {
    insertText(this.#text, text);
  }

  /** Shows what is kept for this tab, and nothing else. */
  reread() {
    const draft = this.#drafts.get(null);
    this.#reply.show(draft?.reply ?? null);
    if (this.#text.value !== (draft?.text ?? "")) this.#fill(draft?.text ?? "");
  }

  clear() {
    this.#reply.show(null);
    this.#fill("");
  }

  close() {
    this.#form.hidden = true;
  }

  /** @param {string} typed Before this script had come. */
  #begin(typed) {
    this.reread();
    this.#change();
    if (!typed || typed === this.#text.value) return;
    this.#fill([this.#text.value, typed].filter(Boolean).join("\n"));
    this.#keep();
  }

  #listen() {
    labelEnter(this.#text, "send");
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#text.addEventListener("input", () => this.#type());
    onKey(this.#text, (press) => this.#press(press));
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    if (isBlank(this.#text.value)) return;
    if (this.#length.tooMany > 0) return toast(say("not-sent-too-long", { why: this.#length.text }));
    this.#client.post(this.#room, asSent(this.#text.value), this.#reply.reference?.id ?? null);
    this.#reply.show(null);
    this.#fill("");
    this.#keep();
    this.focus();
    this.#events.sent();
  }

  #type() {
    this.#change();
    this.#keep();
    if (!isBlank(this.#text.value)) this.#client.typing(this.#room);
  }

  /** @param {Press} press */
  #press(press) {
    if (sendsOnEnter(press)) {
      press.take();
      if (!press.isHeld) this.#form.requestSubmit();
    } else if (press.key === "Escape" && press.isPlain && this.#reply.reference) {
      this.#dropReply();
    } else if (press.key === "ArrowUp" && press.isPlain && !press.isShifted && !press.isHeld && !this.#text.value) {
      press.take();
      this.#events.editLast();
    }
  }

  #dropReply() {
    this.#reply.show(null);
    this.#keep();
    this.focus();
  }

  /** @param {string} text */
  #fill(text) {
    this.#text.value = text;
    this.#change();
  }

  #change() {
    this.#grow();
    this.#length.update();
    this.#send.disabled = isBlank(this.#text.value);
  }

  #keep() {
    this.#drafts.save(null, { text: this.#text.value, reply: this.#reply.reference });
  }
}
