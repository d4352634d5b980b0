/** @import { Message } from "./types.js" */

/** @typedef {{unread: number, mentions: number, read_seq: number}} Counts */

export const MOST_COUNTED = 1000;

/**
 * Counts what one has not read: the server's count as of a number, and what changed after that number.
 */
export class Unread {
  #person;
  #readSeq = 0;
  #counted = { at: 0, unread: 0, mentions: 0 };
  /** By the number of the change. @type {Map<number, {place: number, step: number, mention: boolean}>} */
  #later = new Map();

  /**
   * @param {number} person Whose own posts do not count.
   * @param {Counts} counts
   * @param {number} at The number as of which they hold.
   */
  constructor(person, counts, at) {
    this.#person = person;
    this.restart(counts, at);
  }

  get readSeq() {
    return this.#readSeq;
  }

  get unread() {
    return this.#total(this.#counted.unread, () => true);
  }

  get mentions() {
    return this.#total(this.#counted.mentions, (change) => change.mention);
  }

  /** @param {Counts} counts @param {number} at */
  restart(counts, at) {
    this.#readSeq = 0;
    this.#later.clear();
    this.#counted.at = 0;
    this.take(counts, at);
  }

  /** Believes the server. @param {Counts} counts @param {number} at */
  take({ unread, mentions, read_seq }, at) {
    if (at < this.#counted.at) return;
    this.#counted = { at, unread, mentions };
    for (const seq of this.#later.keys()) if (seq <= at) this.#later.delete(seq);
    this.markRead(Math.max(read_seq, this.#readSeq));
  }

  /** @param {number} seq */
  markRead(seq) {
    this.#readSeq = Math.max(this.#readSeq, seq);
    if (this.#readSeq >= this.#counted.at) Object.assign(this.#counted, { unread: 0, mentions: 0 });
  }

  /**
   * A reading mark, with counts as of a number that it does not tell.
   * @param {{seq: number, unread: number, mentions: number}} mark
   * @returns {boolean} Whether the counts are sure: those of a mark that left something unread may hold posts
   *   whose events are still on their way.
   */
  takeMark({ seq, unread, mentions }) {
    if (seq < this.#readSeq) return true;
    this.markRead(seq);
    Object.assign(this.#counted, { unread, mentions });
    if (unread > 0) this.#later.clear();
    return unread === 0;
  }

  /** Counts a change once, however often it comes. @param {number} seq @param {Message} message */
  count(seq, message) {
    const step = seq === message.seq ? 1 : message.deleted ? -1 : 0;
    if (step === 0 || seq <= this.#counted.at || message.author.id === this.#person) return;
    if (this.#later.size < MOST_COUNTED) {
      this.#later.set(seq, { place: message.seq, step, mention: mentionsPerson(message, this.#person) });
    }
  }

  /**
   * @param {number} counted
   * @param {(change: {mention: boolean}) => boolean} matters
   */
  #total(counted, matters) {
    if (counted >= MOST_COUNTED) return MOST_COUNTED;
    let total = counted;
    for (const change of this.#later.values()) {
      if (change.place > this.#readSeq && matters(change)) total += change.step;
    }
    return Math.min(MOST_COUNTED, Math.max(0, total));
  }
}

/** @param {Message} message @param {number} person */
export function mentionsPerson(message, person) {
  return message.mentions.room || message.mentions.users.includes(person);
}
