/** @import { Message, Pending } from "./types.js" */
import { cloneElement, within } from "./dom.js";
import { dayKey, dayName } from "./local-time.js";

const GATHERED_WITHIN = 5 * 60_000;

/**
 * What the arrangement needs to know of a row.
 * @typedef {object} Standing
 * @property {HTMLElement} row
 * @property {number} author
 * @property {Date} at
 * @property {boolean} stands Apart from the one before, whoever said that.
 * @property {boolean} deleted
 */

/** @param {HTMLElement} row @param {Message} message @returns {Standing} */
export function standingOf(row, message) {
  const { author, created_at, reply_to, deleted } = message;
  return { row, author: author.id, at: new Date(created_at), stands: reply_to !== null && !deleted, deleted };
}

/** @param {HTMLElement} row @param {Pending} pending @param {number} author @returns {Standing} */
export function pendingStandingOf(row, pending, author) {
  return { row, author, at: new Date(pending.created_at), stands: pending.reply_to !== null, deleted: false };
}

/** The lines between messages, and which messages are gathered under their author's name. */
export class LogLines {
  #newLine = cloneElement("new-line-template");
  /** @type {Map<string, HTMLElement>} */
  #days = new Map();

  /** Removes the lines that the server has drawn. @param {HTMLElement} log */
  constructor(log) {
    for (const line of log.querySelectorAll(".day-line, .new-line")) line.remove();
  }

  /** @returns {HTMLElement | null} The "new" line while it stands. */
  get newLine() {
    return this.#newLine.isConnected ? this.#newLine : null;
  }

  /** @param {Standing[]} standings From the top. @param {HTMLElement | null} firstNew The row above which the "new" line stands. */
  arrange(standings, firstNew) {
    const days = new Set();
    /** @type {Standing | null} */
    let previous = null;
    for (const standing of standings) {
      const day = dayKey(standing.at);
      const startsDay = !previous || dayKey(previous.at) !== day;
      if (startsDay && !days.has(day)) this.#putDay(standing, day);
      days.add(day);
      const apart = startsDay || standing.row === firstNew;
      standing.row.classList.toggle("is-gathered", !apart && isGathered(standing, previous));
      previous = standing;
    }
    this.#putNewLine(firstNew);
    this.#dropDaysBut(days);
  }

  /** @param {Standing} standing @param {string} day */
  #putDay({ row, at }, day) {
    const line = this.#days.get(day) ?? cloneElement("day-line-template");
    this.#days.set(day, line);
    const time = within(line, "time");
    time.textContent = dayName(at);
    time.setAttribute("datetime", day);
    const before = row.previousElementSibling === this.#newLine ? this.#newLine : row;
    if (before.previousElementSibling !== line) before.before(line);
  }

  /** @param {HTMLElement | null} firstNew */
  #putNewLine(firstNew) {
    if (!firstNew) this.#newLine.remove();
    else if (firstNew.previousElementSibling !== this.#newLine) firstNew.before(this.#newLine);
  }

  /** @param {Set<string>} days */
  #dropDaysBut(days) {
    for (const [day, line] of this.#days) {
      if (days.has(day)) continue;
      line.remove();
      this.#days.delete(day);
    }
  }
}

/** @param {Standing} standing @param {Standing | null} previous */
function isGathered(standing, previous) {
  return (
    previous !== null &&
    previous.author === standing.author &&
    !standing.stands &&
    !previous.deleted &&
    standing.at.getTime() - previous.at.getTime() < GATHERED_WITHIN
  );
}
