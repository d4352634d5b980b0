/** @import { Place } from "./arrangement.js" */
/** @import { Message, Pending } from "./types.js" */
import { arranged } from "./arrangement.js";
import { cloneElement, within } from "./dom.js";
import { setText } from "./in-place.js";
import { dayKey, dayName } from "./local-time.js";

/** @typedef {Place & {row: HTMLElement}} Standing A row, and what the arrangement needs to know of it. */

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
    const first = standings.find(({ row }) => row === firstNew) ?? null;
    for (const { row, day, isGathered } of arranged(standings, first, dayKey)) {
      row.row.classList.toggle("is-gathered", isGathered);
      if (day === null) continue;
      this.#putDay(row, day);
      days.add(day);
    }
    this.#putNewLine(firstNew);
    this.#dropDaysBut(days);
  }

  /** @param {Standing} standing @param {string} day */
  #putDay({ row, at }, day) {
    const line = this.#days.get(day) ?? cloneElement("day-line-template");
    this.#days.set(day, line);
    const time = within(line, "time");
    setText(time, dayName(at));
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
