/** @import { ChatClient } from "./client.js" */
/** @import { Drafts } from "./drafts.js" */
/** @import { Press } from "./keys.js" */
/** @import { Message } from "./types.js" */
import { cloneElement, slot, within } from "./dom.js";
import { growing } from "./growing-text.js";
import { labelEnter, onKey, sendsOnEnter } from "./keys.js";
import { LengthNote } from "./length-note.js";
import { asSent, isBlank } from "./typed-text.js";
import { reasonOf, say } from "./words.js";

/** One message being edited where it stands. What is half made is kept; what was changed meanwhile is not written over unseen. */
export class MessageEditor {
  #client;
  #drafts;
  #row;
  #message;
  #closed;
  #form = /** @type {HTMLFormElement} */ (cloneElement("editor-template"));
  #text = /** @type {HTMLTextAreaElement} */ (within(this.#form, "textarea"));
  #length = new LengthNote(slot(this.#form, "length"), this.#text);
  #grow = growing(this.#text);
  /** The body that the person has seen, and changes. */
  #was;
  #isSaving = false;

  /**
   * @param {ChatClient} client
   * @param {Drafts} drafts
   * @param {HTMLElement} row
   * @param {Message} message
   * @param {() => void} closed It is saved, or given up.
   */
  constructor(client, drafts, row, message, closed) {
    this.#client = client;
    this.#drafts = drafts;
    this.#row = row;
    this.#message = message;
    this.#closed = closed;
    const kept = drafts.get(message.id);
    this.#was = kept?.was ?? message.body;
    this.#text.value = kept?.text ?? message.body;
    this.#listen();
    row.classList.add("is-edited-now");
    row.append(this.#form);
    this.#change();
    this.#compare();
  }

  /** Id of the message. */
  get id() {
    return this.#message.id;
  }

  /** Whether its row still stands in the log. */
  get stands() {
    return this.#form.isConnected;
  }

  focus() {
    this.#text.focus();
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
    this.#row.scrollIntoView({ block: "nearest" });
  }

  /** @param {Message} message As it is now. */
  take(message) {
    this.#message = message;
    this.#compare();
  }

  /** Takes the field away; what is half made stays kept. */
  remove() {
    this.#row.classList.remove("is-edited-now");
    this.#form.remove();
  }

  #listen() {
    labelEnter(this.#text, "done");
    this.#text.addEventListener("input", () => this.#type());
    onKey(this.#form, (press) => this.#press(press));
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    const actions = { cancel: () => this.#giveUp(), theirs: () => this.#giveUp(), mine: () => this.#saveMine() };
    for (const [name, act] of Object.entries(actions)) {
      within(this.#form, `[data-action=${name}]`).addEventListener("click", act);
    }
  }

  #type() {
    this.#change();
    this.#keep();
    this.#compare();
    slot(this.#form, "error").hidden = true;
  }

  #change() {
    this.#grow();
    this.#length.update();
  }

  #keep() {
    const { id, seq } = this.#message;
    const text = this.#text.value;
    if (text === this.#was) this.#drafts.forget(id);
    else this.#drafts.save(id, { text, was: this.#was, edits: { id, seq } });
  }

  /** @param {Press} press */
  #press(press) {
    press.keep();
    if (press.key === "Escape" && press.isPlain) this.#giveUp();
    if (press.target !== this.#text || !sendsOnEnter(press)) return;
    press.take();
    if (!press.isHeld) this.#form.requestSubmit();
  }

  /** Shows what the message says now where it is not what the person began with. */
  #compare() {
    const { body } = this.#message;
    if (this.#text.value === this.#was && body !== this.#was) this.#startFrom(body);
    slot(this.#form, "theirs").textContent = body;
    slot(this.#form, "conflict").hidden = !this.#conflicts;
  }

  get #conflicts() {
    const { body } = this.#message;
    return body !== this.#was && body !== asSent(this.#text.value);
  }

  /** @param {string} body */
  #startFrom(body) {
    this.#was = this.#text.value = body;
    this.#change();
  }

  #giveUp() {
    this.#drafts.forget(this.id);
    this.#closed();
  }

  #saveMine() {
    this.#was = this.#message.body;
    this.#keep();
    this.#compare();
    void this.#save();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    if (this.#conflicts) return within(this.#form, "[data-action=mine]").focus();
    void this.#save();
  }

  async #save() {
    const body = asSent(this.#text.value);
    if (body === this.#message.body) return this.#giveUp();
    if (isBlank(body)) return this.#explain(say("edit-blank"));
    if (this.#length.tooMany > 0) return this.#explain(say("edit-failed", { detail: this.#length.text }));
    if (!this.#isSaving) await this.#send(body);
  }

  /** @param {string} body */
  async #send(body) {
    this.#setSaving(true);
    try {
      await this.#client.edit(this.#message.room, this.id, body, this.#was);
      this.#was = body;
      if (asSent(this.#text.value) === body) this.#giveUp();
      else this.#keep();
    } catch (error) {
      this.#explain(say("edit-failed", { detail: reasonOf(error) }));
    }
    this.#setSaving(false);
  }

  /** @param {boolean} isSaving */
  #setSaving(isSaving) {
    this.#isSaving = isSaving;
    /** @type {HTMLButtonElement} */ (within(this.#form, "[type=submit]")).disabled = isSaving;
  }

  /** @param {string} text */
  #explain(text) {
    const line = slot(this.#form, "error");
    line.textContent = text;
    line.hidden = false;
  }
}
