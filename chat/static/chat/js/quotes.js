/** @import { Message, PageQuery, Page } from "./types.js" */

/** @typedef {{id: number, seq: number}} Reference */

/** Finds the messages that others answer, wherever in the room they stand. */
export class Quotes {
  #find;
  #fetchPage;
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

  /** @param {Reference} reference @returns {Message | null} When it is on the page. */
  here({ id }) {
    return this.#find(id);
  }

  /** @param {Reference} reference @returns {Promise<Message | null>} */
  fetch(reference) {
    const fetched = this.#fetched.get(reference.id) ?? this.#ask(reference);
    this.#fetched.set(reference.id, fetched);
    return fetched;
  }

  /** @param {Reference} reference */
  async #ask({ id, seq }) {
    try {
      const page = await this.#fetchPage({ around: seq, limit: 2 });
      return page.messages.find((message) => message.id === id) ?? null;
    } catch {
      this.#fetched.delete(id);
      return null;
    }
  }
}
