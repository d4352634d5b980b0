/** How rows stand under each other: the rules of `chat/views/message_rows.py`, kept alike by `tests/cases/`. */

const GATHERED_WITHIN_MS = 5 * 60_000;

/**
 * What the arrangement needs to know of a row.
 * @typedef {object} Place
 * @property {number} author
 * @property {Date} at
 * @property {boolean} stands Apart from the one before, whoever said that.
 * @property {boolean} deleted
 */

/**
 * @template {Place} Row
 * @typedef {object} Arranged
 * @property {Row} row
 * @property {string | null} day The day that begins with this row, if its line is to stand above.
 * @property {boolean} isNew Whether the "new" line is to stand above.
 * @property {boolean} isGathered Under the name above it.
 */

/**
 * @template {Place} Row
 * @param {readonly Row[]} rows From the top.
 * @param {Row | null} firstNew
 * @param {(at: Date) => string} dayOf The same for two moments of one day.
 * @returns {Arranged<Row>[]}
 */
export function arranged(rows, firstNew, dayOf) {
  const days = new Set();
  return rows.map((row, index) => {
    const previous = rows[index - 1] ?? null;
    const day = dayOf(row.at);
    const isLater = previous !== null && dayOf(previous.at) === day;
    const isNew = row === firstNew;
    const starts = !isLater && !days.has(day);
    days.add(day);
    return { row, day: starts ? day : null, isNew, isGathered: isLater && !isNew && belongsTo(row, previous) };
  });
}

/** @param {Place} row @param {Place} previous */
function belongsTo(row, previous) {
  return (
    previous.author === row.author &&
    !row.stands &&
    !previous.deleted &&
    row.at.getTime() - previous.at.getTime() < GATHERED_WITHIN_MS
  );
}
