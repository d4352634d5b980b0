/** @import { Message, Page, Patch } from "./types.js" */

/**
 * A stretch of a room's messages without a hole. It covers the places `from` to `to`: a message with its place
 * there belongs in, any other is not held.
 */
export class MessageWindow {
  /** By rising seq. @type {Message[]} */
  #messages = [];
  /** @type {Map<number, Message>} */
  #byId = new Map();
  #from = Infinity;
  #to = -Infinity;

  /** @returns {readonly Message[]} */
  get messages() {
    return this.#messages;
  }

  /** The first place that it covers; 0 when there is nothing older. */
  get from() {
    return this.#from;
  }

  /** The last place that it covers; Infinity when live messages belong in. */
  get to() {
    return this.#to;
  }

  /** It covers nothing, not even an empty room. */
  get isMissing() {
    return this.#from > this.#to;
  }

  get moreBefore() {
    return this.#from > 0 && !this.isMissing;
  }

  get moreAfter() {
    return this.#to < Infinity && !this.isMissing;
  }

  /** @param {number} id */
  find(id) {
    return this.#byId.get(id) ?? null;
  }

  clear() {
    this.#messages = [];
    this.#byId.clear();
    this.#from = Infinity;
    this.#to = -Infinity;
  }

  /** @param {Page} page */
  replace(page) {
    this.clear();
    this.#from = firstPlace(page);
    this.#to = lastPlace(page);
    for (const message of page.messages) this.put(message);
  }

  /** Takes the page that ends before `from`. @param {Page} page @returns {Patch[]} */
  extendBefore(page) {
    this.#from = firstPlace(page);
    return this.#putAll(page.messages);
  }

  /** Takes the page that starts after `to`. @param {Page} page @returns {Patch[]} */
  extendAfter(page) {
    this.#to = lastPlace(page);
    return this.#putAll(page.messages);
  }

  /**
   * Of two states of a message the one with the higher `changed_seq` counts.
   * @param {Message} message
   * @returns {Patch | null} What it changed, if anything.
   */
  put(message) {
    if (message.kind !== "post") return null;
    const was = this.#byId.get(message.id);
    if (!was) return this.#covers(message.seq) ? this.#insert(message) : null;
    return message.changed_seq > was.changed_seq ? this.#update(message, was) : null;
  }

  /** Of one that is held, what only this reader is told. @param {Message} message @param {Message} was @returns {Patch} */
  amend(message, was) {
    return this.#update(message, was);
  }

  /**
   * How many messages stand before and after some places; all, where there are none.
   * @param {{from: number, to: number} | null} places
   */
  spare(places) {
    const { length } = this.#messages;
    if (!places) return { start: length, end: length };
    return { start: this.#indexAfter(places.from - 1), end: length - this.#indexAfter(places.to) };
  }

  /** Keeps the last `count` messages. @param {number} count @returns {Patch[]} */
  trimStart(count) {
    const removed = this.#messages.splice(0, Math.max(0, this.#messages.length - count));
    if (removed.length) this.#from = this.#messages[0].seq;
    return this.#forget(removed);
  }

  /** Keeps the first `count` messages. @param {number} count @returns {Patch[]} */
  trimEnd(count) {
    const removed = this.#messages.splice(count);
    if (removed.length) this.#to = this.#messages[count - 1].seq;
    return this.#forget(removed);
  }

  /** @param {Message[]} messages @returns {Patch[]} */
  #putAll(messages) {
    return messages.map((message) => this.put(message)).filter((patch) => patch !== null);
  }

  /** @param {number} seq */
  #covers(seq) {
    return this.#from <= seq && seq <= this.#to;
  }

  /** @param {Message} message @returns {Patch} */
  #insert(message) {
    const index = this.#indexAfter(message.seq);
    const before = this.#messages[index] ?? null;
    this.#messages.splice(index, 0, message);
    this.#byId.set(message.id, message);
    return { type: "insert", message, before };
  }

  /** @param {Message} message @param {Message} was @returns {Patch} */
  #update(message, was) {
    this.#messages[this.#indexAfter(was.seq) - 1] = message;
    this.#byId.set(message.id, message);
    return { type: "update", message, was };
  }

  /** @param {number} seq */
  #indexAfter(seq) {
    let index = this.#messages.length;
    while (index > 0 && this.#messages[index - 1].seq > seq) index -= 1;
    return index;
  }

  /** @param {Message[]} removed @returns {Patch[]} */
  #forget(removed) {
    for (const message of removed) this.#byId.delete(message.id);
    return removed.map((message) => ({ type: "remove", message }));
  }
}

/** @param {Page} page */
function firstPlace(page) {
  return page.more_before && page.messages.length ? page.messages[0].seq : 0;
}

/** @param {Page} page */
function lastPlace(page) {
  return page.more_after && page.messages.length ? page.messages[page.messages.length - 1].seq : Infinity;
}
