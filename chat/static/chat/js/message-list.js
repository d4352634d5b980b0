/** @import { Message, Patch, Pending } from "./types.js" */
/** @import { Timeline } from "./timeline.js" */
/** @import { MessageRows } from "./message-row.js" */
/** @import { Standing } from "./log-lines.js" */
import { slot } from "./dom.js";
import { showTime } from "./local-time.js";
import { LogLines, pendingStandingOf, standingOf } from "./log-lines.js";

const QUIET_AFTER_PAGE = 400;

/** The log's rows, kept true to a timeline. */
export class MessageList {
  #log;
  #timeline;
  #drawn;
  #self;
  #lines;
  /** By id. @type {Map<number, Standing>} */
  #rows = new Map();
  /** By `client_id`. @type {Map<string, Standing>} */
  #pending = new Map();
  /** @type {any} */
  #quietTimer = null;

  /**
   * @param {HTMLElement} log
   * @param {Timeline} timeline
   * @param {MessageRows} drawn
   * @param {number} self Id of the person signed in.
   */
  constructor(log, timeline, drawn, self) {
    this.#log = log;
    this.#timeline = timeline;
    this.#drawn = drawn;
    this.#self = self;
    this.#adopt();
    this.#lines = new LogLines(log);
    this.arrange();
  }

  /** @param {number} id @returns {HTMLElement | null} */
  rowOf(id) {
    return this.#rows.get(id)?.row ?? null;
  }

  /** @param {number} seq @returns {HTMLElement | null} */
  rowAt(seq) {
    return this.#log.querySelector(`.message[data-seq="${seq}"]`);
  }

  /** @param {HTMLElement} row @returns {Message | null} */
  messageOf(row) {
    return this.#timeline.find(Number(row.dataset.id));
  }

  get newLine() {
    return this.#lines.newLine;
  }

  /** Every answer to this message quotes it as it is now. @param {Message} message */
  requote(message) {
    for (const quote of this.#log.querySelectorAll(`.quote[data-quoted="${message.id}"]`)) {
      const row = /** @type {HTMLElement | null} */ (quote.closest(".message"));
      if (row) this.#drawn.requote(row, message);
    }
  }

  /** In the reader's new time zone. */
  showTimes() {
    for (const { row, at } of [...this.#rows.values(), ...this.#pending.values()]) showTime(slot(row, "time"), at);
  }

  /** @param {Patch[]} patches */
  draw(patches) {
    if (!patches.every(isNewest)) this.#beQuiet();
    for (const patch of patches) this.#apply(patch);
    this.arrange();
  }

  /** Puts the lines between the messages where they belong. */
  arrange() {
    const messages = this.#timeline.messages.map(({ id }) => this.#rows.get(id));
    const pending = this.#timeline.pending.map(({ client_id }) => this.#pending.get(client_id));
    const standings = [...messages, ...pending].filter((standing) => standing !== undefined);
    const { firstNew, newBeginsBefore } = this.#timeline;
    this.#lines.arrange(standings, firstNew && !newBeginsBefore ? this.rowOf(firstNew.id) : null);
  }

  /** Older pages are not news: a screen reader shall not read them out. */
  #beQuiet() {
    this.#log.setAttribute("aria-live", "off");
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#log.setAttribute("aria-live", "polite"), QUIET_AFTER_PAGE);
  }

  /** Takes over the rows that the server has drawn. */
  #adopt() {
    for (const message of this.#timeline.messages) {
      const row = this.rowAt(message.seq);
      if (!row) continue;
      this.#rows.set(message.id, standingOf(row, message));
      this.#drawn.adopt(row, message);
    }
  }

  /** @param {Patch} patch */
  #apply(patch) {
    switch (patch.type) {
      case "reset":
        return this.#reset();
      case "insert":
        return this.#insert(this.#drawn.blank(), patch.message, patch.before);
      case "update":
        return this.#update(patch.message);
      case "remove":
        return this.#remove(patch.message);
      case "pend":
      case "pending":
        return this.#drawPending(patch.pending);
      case "unpend":
        return this.#dropPending(patch.pending);
      case "confirm":
        return this.#confirm(patch.pending, patch.message, patch.before);
    }
  }

  #reset() {
    const { messages, pending } = this.#timeline;
    const stored = new Map([...this.#pending].filter(([id]) => !pending.some(({ client_id }) => client_id === id)));
    for (const id of stored.keys()) this.#pending.delete(id);
    this.#dropAllBut(new Set(messages.map(({ id }) => id)));
    let next = this.#log.querySelector(":scope > .message");
    for (const message of messages) next = this.#redraw(message, next, stored);
    for (const [, { row }] of stored) if (row.dataset.client) row.remove();
    for (const each of pending) this.#drawPending(each);
    this.#requoteAll();
  }

  /** @param {Set<number>} ids */
  #dropAllBut(ids) {
    for (const [id, { row }] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
  }

  /**
   * A row that is there and says the same stays as it is: it may have the focus.
   * @param {Message} message
   * @param {Element | null} next Before which it stands, unless it stands there itself.
   * @param {Map<string, Standing>} stored Pending rows of which the post is stored.
   * @returns {Element | null} Before which the following stands.
   */
  #redraw(message, next, stored) {
    const row = this.rowOf(message.id) ?? this.#pendingRowOf(message, stored);
    if (!row || Number(row.dataset.changed) !== message.changed_seq) this.#put(row ?? this.#drawn.blank(), message);
    const drawn = /** @type {HTMLElement} */ (this.rowOf(message.id));
    if (drawn === next) return nextRow(drawn);
    this.#log.insertBefore(drawn, next);
    return next;
  }

  /** @param {Message} message @param {Map<string, Standing>} stored */
  #pendingRowOf({ author, client_id }, stored) {
    return author.id === this.#self ? (stored.get(client_id)?.row ?? null) : null;
  }

  /** What was fetched for quotes may be out of date. */
  #requoteAll() {
    for (const message of this.#timeline.messages) {
      const row = this.rowOf(message.id);
      if (row && message.reply_to) this.#drawn.fillQuote(row, message);
    }
  }

  /** @param {HTMLElement} row @param {Message} message @param {Message | null} before */
  #insert(row, message, before) {
    this.#put(row, message);
    const next = before ? this.rowOf(before.id) : this.#firstPendingBut(row);
    // Taken out and put in again it would be read out again.
    if (!row.isConnected || nextRow(row) !== next) this.#log.insertBefore(row, next);
  }

  /** @param {HTMLElement} row */
  #firstPendingBut(row) {
    for (const standing of this.#pending.values()) if (standing.row !== row) return standing.row;
    return null;
  }

  /** @param {Message} message */
  #update(message) {
    const row = this.rowOf(message.id);
    if (row) this.#put(row, message);
  }

  /** @param {HTMLElement} row @param {Message} message */
  #put(row, message) {
    this.#drawn.fill(row, message);
    this.#rows.set(message.id, standingOf(row, message));
  }

  /** @param {Message} message */
  #remove({ id }) {
    this.rowOf(id)?.remove();
    this.#rows.delete(id);
  }

  /** @param {Pending} pending */
  #drawPending(pending) {
    const row = this.#pending.get(pending.client_id)?.row ?? this.#drawn.blank();
    this.#drawn.fillPending(row, pending);
    if (!row.isConnected) this.#log.append(row);
    this.#pending.set(pending.client_id, pendingStandingOf(row, pending, this.#self));
  }

  /** @param {Pending} pending */
  #dropPending({ client_id }) {
    this.#pending.get(client_id)?.row.remove();
    this.#pending.delete(client_id);
  }

  /** The same row goes on, now at its place. @param {Pending} pending @param {Message} message @param {Message | null} before */
  #confirm(pending, message, before) {
    const row = this.#pending.get(pending.client_id)?.row ?? this.#drawn.blank();
    this.#pending.delete(pending.client_id);
    this.#insert(row, message, before);
  }
}

/** @param {Element} row */
function nextRow(row) {
  let next = row.nextElementSibling;
  while (next && !next.matches(".message")) next = next.nextElementSibling;
  return next;
}

/** @param {Patch} patch */
function isNewest(patch) {
  if (patch.type === "insert" || patch.type === "confirm") return patch.before === null;
  return patch.type !== "reset";
}
