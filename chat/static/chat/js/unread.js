/** @import { Message } from "./types.js" */

/** @typedef {{unread: number, mentions: number, read_seq: number}} Counts */

export const MOST_COUNTED = 1000;

/**
 * Counts what one has not read: the server's count as of a number, and what changed after that number.
 */
export class Unread {
  #person;
  #readSeq = 0;
  /** How far the server knows that one has read. */
  #toldReadSeq = 0;
  #counted = { at: 0, unread: 0, mentions: 0 };
  /** The latest states of messages changed after that number, by their place. @type {Map<number, Message>} */
  #later = new Map();
  #isSure = true;

  /**
   * @param {number} person Whose own posts do not count.
   * @param {Counts} counts
   * @param {number} at The number as of which they hold.
   */
  constructor(person, counts, at) {
    this.#person = person;
    this.restart(counts, at);
  }

  /** Changes were passed over uncounted. */
  doubt() {
    this.#isSure = false;
  }

  /** Whether the counts are more than a guess. */
  get isSure() {
    return this.#isSure;
  }

  get readSeq() {
    return this.#readSeq;
  }

  get unread() {
    return this.#total(this.#counted.unread, () => true);
  }

  get mentions() {
    return this.#total(this.#counted.mentions, (message) => mentionsPerson(message, this.#person));
  }

  /** @param {Counts} counts @param {number} at */
  restart(counts, at) {
    this.#readSeq = this.#toldReadSeq = 0;
    this.#later.clear();
    this.#counted.at = 0;
    this.take(counts, at);
  }

  /** Believes the server. @param {Counts} counts @param {number} at */
  take({ unread, mentions, read_seq }, at) {
    if (at < this.#counted.at) return;
    this.#counted = { at, unread, mentions };
    this.#isSure = true;
    this.#toldReadSeq = Math.max(read_seq, this.#toldReadSeq);
    for (const message of this.#later.values()) if (message.changed_seq <= at) this.#later.delete(message.seq);
    this.markRead(Math.max(read_seq, this.#readSeq));
  }

  /** @param {number} seq */
  markRead(seq) {
    this.#readSeq = Math.max(this.#readSeq, seq);
    if (this.#readSeq >= this.#counted.at) Object.assign(this.#counted, { unread: 0, mentions: 0 });
  }

  /**
   * A reading mark, with counts as of a number that it does not tell: when it left something unread, posts whose
   * events are still on their way may be in.
   * @param {{seq: number, unread: number, mentions: number}} mark
   */
  takeMark({ seq, unread, mentions }) {
    if (seq <= this.#toldReadSeq) return;
    this.#toldReadSeq = seq;
    if (seq < this.#readSeq) return;
    this.markRead(seq);
    Object.assign(this.#counted, { unread, mentions });
    this.#isSure = unread === 0;
    if (!this.#isSure) this.#later.clear();
  }

  /** Counts a message once, however often it comes. @param {Message} message */
  count(message) {
    const known = this.#later.get(message.seq)?.changed_seq ?? this.#counted.at;
    if (message.author.id === this.#person || message.changed_seq <= known) return;
    if (this.#later.size < MOST_COUNTED || this.#later.has(message.seq)) this.#later.set(message.seq, message);
  }

  /**
   * @param {number} counted
   * @param {(message: Message) => boolean} matters
   */
  #total(counted, matters) {
    if (counted >= MOST_COUNTED) return MOST_COUNTED;
    const changed = [...this.#later.values()].filter((message) => message.seq > this.#readSeq && matters(message));
    const added = changed.filter((message) => message.seq > this.#counted.at && !message.deleted).length;
    const deleted = changed.filter((message) => message.seq <= this.#counted.at && message.deleted).length;
    return Math.min(MOST_COUNTED, Math.max(0, counted - deleted) + added);
  }
}

/** @param {Message} message @param {number} person */
export function mentionsPerson(message, person) {
  return message.mentions.room || message.mentions.users.includes(person);
}
