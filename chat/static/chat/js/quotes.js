/** @import { Message, PageQuery, Page } from "./types.js" */

/** @typedef {{id: number, seq: number}} Reference */

/** Finds the messages that others answer, wherever in the room they stand, as they are now. */
export class Quotes {
  #find;
  #fetchPage;
  /** Of those that are not on the page, the latest state that is known. @type {Map<number, Message | null>} */
  #states = new Map();
  /** @type {Map<number, Promise<Message | null>>} */
  #fetched = new Map();

  /**
   * @param {(id: number) => Message | null} find Among those on the page.
   * @param {(query: PageQuery) => Promise<Page>} fetchPage
   */
  constructor(find, fetchPage) {
    this.#find = find;
    this.#fetchPage = fetchPage;
  }

  /** @param {Pick<Reference, "id">} reference @returns {Message | null} When it is at hand. */
  here({ id }) {
    return this.#find(id) ?? this.#states.get(id) ?? null;
  }

  /** @param {Reference} reference @returns {Promise<Message | null>} */
  fetch(reference) {
    const fetched = this.#fetched.get(reference.id) ?? this.#ask(reference);
    this.#fetched.set(reference.id, fetched);
    return fetched;
  }

  /** It was edited or deleted. @param {Message} message */
  take(message) {
    const known = this.#states.get(message.id);
    if (known === undefined && !this.#fetched.has(message.id)) return;
    if (!known || message.changed_seq > known.changed_seq) this.#states.set(message.id, message);
  }

  /** Changes were passed over: what was fetched is to be fetched anew. */
  forget() {
    this.#states.clear();
    this.#fetched.clear();
  }

  /** @param {Reference} reference */
  async #ask({ id, seq }) {
    try {
      const page = await this.#fetchPage({ around: seq, limit: 2 });
      const found = page.messages.find((message) => message.id === id);
      if (found) this.take(found);
      return this.here({ id });
    } catch {
      this.#fetched.delete(id);
      return null;
    }
  }
}
