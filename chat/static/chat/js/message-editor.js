/** @import { ChatClient } from "./client.js" */
/** @import { Message } from "./types.js" */
import { cloneElement, within } from "./dom.js";
import { growing } from "./growing-text.js";
import { sendsOnEnter } from "./keys.js";
import { say } from "./words.js";

/** Edits a message where it stands; one at a time. */
export class MessageEditor {
  #client;
  #closed;
  /** @type {HTMLElement | null} */
  #row = null;

  /** @param {ChatClient} client @param {(row: HTMLElement) => void} closed */
  constructor(client, closed) {
    this.#client = client;
    this.#closed = closed;
  }

  /** @param {HTMLElement} row @param {Message} message */
  open(row, message) {
    this.close();
    this.#row = row;
    const form = /** @type {HTMLFormElement} */ (cloneElement("editor-template"));
    const text = /** @type {HTMLTextAreaElement} */ (within(form, "textarea"));
    row.classList.add("is-edited-now");
    row.append(form);
    text.value = message.body;
    const grow = growing(text);
    grow();
    text.addEventListener("input", grow);
    form.addEventListener("keydown", (event) => this.#press(event, form));
    form.addEventListener("submit", (event) => this.#save(event, form, message));
    within(form, "[data-action=cancel]").addEventListener("click", () => this.close());
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
    row.scrollIntoView({ block: "nearest" });
  }

  close() {
    const row = this.#row;
    if (!row) return;
    this.#row = null;
    row.classList.remove("is-edited-now");
    row.querySelector(".editor")?.remove();
    this.#closed(row);
  }

  /** @param {KeyboardEvent} event @param {HTMLFormElement} form */
  #press(event, form) {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    if (!(event.target instanceof HTMLTextAreaElement) || !sendsOnEnter(event)) return;
    event.preventDefault();
    form.requestSubmit();
  }

  /** @param {Event} event @param {HTMLFormElement} form @param {Message} message */
  async #save(event, form, message) {
    event.preventDefault();
    const body = /** @type {HTMLTextAreaElement} */ (within(form, "textarea")).value.trim();
    if (!body || body === message.body) return this.close();
    const submit = /** @type {HTMLButtonElement} */ (within(form, "[type=submit]"));
    submit.disabled = true;
    try {
      await this.#client.edit(message.room, message.id, body);
      if (form.isConnected) this.close();
    } catch (error) {
      submit.disabled = false;
      this.#explain(form, /** @type {Error} */ (error));
    }
  }

  /** @param {HTMLFormElement} form @param {Error} error */
  #explain(form, error) {
    const line = within(form, ".editor-error");
    line.textContent = say("edit-failed", { detail: error.message });
    line.hidden = false;
  }
}
