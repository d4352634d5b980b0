/** @import { Pending } from "./types.js" */

/** A room's posts that wait to be stored, in the order of their making. */
export class PendingList {
  /** @type {Pending[]} */
  #all = [];

  /** @returns {readonly Pending[]} */
  get all() {
    return this.#all;
  }

  /** @param {Pending} pending @returns {boolean} Whether it was new. */
  put(pending) {
    const index = this.#indexOf(pending.client_id);
    if (index < 0) this.#all.push(pending);
    else this.#all[index] = pending;
    return index < 0;
  }

  /** @param {string} clientId @returns {Pending | null} The one that was there. */
  take(clientId) {
    const index = this.#indexOf(clientId);
    return index < 0 ? null : this.#all.splice(index, 1)[0];
  }

  /** @param {string} clientId */
  #indexOf(clientId) {
    return this.#all.findIndex((pending) => pending.client_id === clientId);
  }
}
