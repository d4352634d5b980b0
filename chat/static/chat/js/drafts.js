/** @import { Store } from "./types.js" */

/** What one person has typed and not sent, by room; kept over a reload. */
export class Drafts {
  #storage;
  #prefix;

  /** @param {Store} storage @param {number} person */
  constructor(storage, person) {
    this.#storage = storage;
    this.#prefix = `chat:draft:${person}:`;
  }

  /** @param {number} room @returns {string} */
  get(room) {
    try {
      return this.#storage.getItem(this.#prefix + room) ?? "";
    } catch {
      return "";
    }
  }

  /** @param {number} room @param {string} text Blank forgets it. */
  save(room, text) {
    try {
      if (text.trim()) this.#storage.setItem(this.#prefix + room, text);
      else this.#storage.removeItem(this.#prefix + room);
    } catch {}
  }
}
