/** @import { Pending, Store } from "./types.js" */

/**
 * One person's unsent posts in the browser's storage, each under a key of its own, so that two tabs never write
 * over each other. Where storage is refused or full, posts live as long as the page.
 */
export class StoredPosts {
  #storage;
  #prefix;

  /** @param {Store} storage @param {number} person */
  constructor(storage, person) {
    this.#storage = storage;
    this.#prefix = `chat:outbox:${person}:`;
  }

  /** @returns {Pending[]} Oldest first. */
  all() {
    return this.#keys()
      .map((key) => parsed(this.#storage.getItem(key)))
      .filter((post) => post !== null)
      .sort((one, other) => one.created_at - other.created_at);
  }

  /** @param {string} clientId @returns {Pending | null} As any tab left it last. */
  get(clientId) {
    try {
      return parsed(this.#storage.getItem(this.#prefix + clientId));
    } catch {
      return null;
    }
  }

  /** @param {Pending} post */
  put(post) {
    try {
      this.#storage.setItem(this.#prefix + post.client_id, JSON.stringify(post));
    } catch {}
  }

  /** @param {string} clientId */
  remove(clientId) {
    try {
      this.#storage.removeItem(this.#prefix + clientId);
    } catch {}
  }

  /** @param {string | null} key @returns {string | null} The `client_id` that it is for. */
  clientIdOf(key) {
    return key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : null;
  }

  #keys() {
    try {
      const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index));
      return keys.filter((key) => key !== null).filter((key) => key.startsWith(this.#prefix));
    } catch {
      return [];
    }
  }
}

/** @param {string | null} text @returns {Pending | null} */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
