/** @import { ChatClient } from "./client.js" */
/** @import { Message } from "./types.js" */
import { element, slot } from "./dom.js";
import { labelOf } from "./person-name.js";
import { plainText } from "./plain-text.js";
import { sendsOnEnter } from "./keys.js";
import { growing } from "./growing-text.js";
import { say } from "./words.js";

/** Where one writes. */
export class Composer {
  #client;
  #room;
  #events;
  #form = /** @type {HTMLFormElement} */ (element("composer"));
  #text = /** @type {HTMLTextAreaElement} */ (element("composer-text"));
  #send = /** @type {HTMLButtonElement} */ (element("composer-send"));
  #reply = element("composer-reply");
  #grow = growing(this.#text);
  /** @type {Message | null} */
  #answers = null;

  /**
   * @param {ChatClient} client
   * @param {number} room
   * @param {{sent: () => void, editLast: () => void}} events
   */
  constructor(client, room, events) {
    this.#client = client;
    this.#room = room;
    this.#events = events;
    this.#listen();
    this.#fill(this.#text.value || client.draft(room));
  }

  focus() {
    this.#text.focus();
  }

  /** @param {Message} message */
  replyTo(message) {
    this.#answers = message;
    this.requote(message);
    this.#reply.hidden = false;
    this.focus();
  }

  /** What is answered is quoted as it is now. @param {Message} message */
  requote(message) {
    if (message.id !== this.#answers?.id) return;
    const text = say("replying-to", { name: labelOf(message.author), text: plainText(message) });
    slot(this.#reply, "text").textContent = text;
  }

  /** Puts back what was not sent, before whatever is being written. @param {string} text */
  putBack(text) {
    this.#fill([text, this.#text.value].filter(Boolean).join("\n\n"));
    this.focus();
  }

  /** @param {string} text */
  insert(text) {
    this.#text.setRangeText(text, this.#text.selectionStart, this.#text.selectionEnd, "end");
    this.#change();
    this.focus();
  }

  close() {
    this.#form.hidden = true;
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#text.addEventListener("input", () => this.#type());
    this.#text.addEventListener("keydown", (event) => this.#press(event));
    slot(this.#reply, "cancel").addEventListener("click", () => this.#dropReply());
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const body = this.#text.value.trim();
    if (!body) return;
    this.#client.post(this.#room, body, this.#answers?.id ?? null);
    this.#dropReply();
    this.#fill("");
    this.focus();
    this.#events.sent();
  }

  #type() {
    this.#change();
    if (this.#text.value.trim()) this.#client.typing(this.#room);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (sendsOnEnter(event)) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (event.key === "Escape" && this.#answers) {
      this.#dropReply();
    } else if (event.key === "ArrowUp" && !this.#text.value && !event.isComposing) {
      event.preventDefault();
      this.#events.editLast();
    }
  }

  #dropReply() {
    this.#answers = null;
    this.#reply.hidden = true;
    this.focus();
  }

  /** @param {string} text */
  #fill(text) {
    this.#text.value = text;
    this.#change();
  }

  #change() {
    this.#grow();
    this.#send.disabled = !this.#text.value.trim();
    this.#client.saveDraft(this.#room, this.#text.value);
  }
}
