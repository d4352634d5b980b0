const AT_END_WITHIN = 48;

/**
 * The log's scrolling. Its box is laid out from the bottom (`column-reverse`): 0 is the end, and what stands
 * above counts below 0.
 */
export class ScrollKeeper {
  #scroller;
  #rows;

  /** @param {HTMLElement} scroller @param {HTMLElement} rows The element in it that holds the messages. */
  constructor(scroller, rows) {
    this.#scroller = scroller;
    this.#rows = rows;
  }

  get isAtEnd() {
    return this.#scroller.scrollTop > -AT_END_WITHIN;
  }

  /** How far one can still scroll up, in pixels. */
  get above() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight + this.#scroller.scrollTop;
  }

  /** How far one can still scroll down, in pixels. */
  get below() {
    return -this.#scroller.scrollTop;
  }

  /**
   * Changes the rows without moving what the person reads. What stands under the first row in view is held, since
   * that row may lose its author's name to one that came above it.
   * @param {() => void} change
   */
  keep(change) {
    const anchors = this.#visible().map((row) => ({ row, bottom: row.getBoundingClientRect().bottom }));
    change();
    const anchor = anchors.find(({ row }) => row.isConnected);
    if (!anchor) return;
    const moved = anchor.row.getBoundingClientRect().bottom - anchor.bottom;
    if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved;
  }

  toEnd() {
    this.#scroller.scrollTop = 0;
  }

  /** @param {HTMLElement} row @param {"start" | "center"} place */
  show(row, place) {
    const box = this.#scroller.getBoundingClientRect();
    const { top, height } = row.getBoundingClientRect();
    const share = place === "start" ? box.height / 5 : Math.max(0, (box.height - height) / 2);
    this.#scroller.scrollTop += top - box.top - share;
  }

  /** @param {HTMLElement} row @returns {boolean} */
  isInView(row) {
    const box = this.#scroller.getBoundingClientRect();
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > box.top && top < box.bottom;
  }

  /** @param {HTMLElement} row */
  isAbove(row) {
    return row.getBoundingClientRect().top < this.#scroller.getBoundingClientRect().top;
  }

  /** @returns {HTMLElement | null} The last message of which the end is on the screen. */
  lastSeen() {
    const end = this.#scroller.getBoundingClientRect().bottom + 1;
    return this.#search((row) => row.getBoundingClientRect().bottom <= end, -1);
  }

  /** @returns {HTMLElement | null} The first message of which anything is on the screen. */
  firstSeen() {
    return this.#below(this.#scroller.getBoundingClientRect().top);
  }

  /** The first and the last message on the screen, or so many screens away from it. @param {number} screens */
  near(screens) {
    const { top, bottom, height } = this.#scroller.getBoundingClientRect();
    return { first: this.#below(top - screens * height), last: this.#above(bottom + screens * height) };
  }

  /** @returns {HTMLElement[]} */
  #visible() {
    const { first, last } = this.near(0);
    const rows = [];
    for (let row = first; row; row = /** @type {HTMLElement | null} */ (row.nextElementSibling)) {
      if (row.matches(".message")) rows.push(row);
      if (row === last) break;
    }
    return rows;
  }

  /** @param {number} line @returns {HTMLElement | null} The first that reaches below it. */
  #below(line) {
    return this.#search((row) => row.getBoundingClientRect().bottom <= line, 0);
  }

  /** @param {number} line @returns {HTMLElement | null} The last that begins above it. */
  #above(line) {
    return this.#search((row) => row.getBoundingClientRect().top < line, -1);
  }

  /**
   * Where, among the rows from above to below, `isBefore` stops being true.
   * @param {(row: HTMLElement) => boolean} isBefore
   * @param {-1 | 0} offset
   * @returns {HTMLElement | null}
   */
  #search(isBefore, offset) {
    const rows = /** @type {NodeListOf<HTMLElement>} */ (this.#rows.querySelectorAll(":scope > .message"));
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(rows[middle])) low = middle + 1;
      else high = middle;
    }
    return rows[low + offset] ?? null;
  }
}
