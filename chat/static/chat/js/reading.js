/** @import { Surroundings } from "./types.js" */

const STOOD_FOR_MS = 1000;

/** @typedef {{first: number, last: number}} View The places of the first and the last message in view. */

/**
 * What of a room has been read: what stood in view of somebody for a second, or was passed by scrolling. Of what lies
 * beyond something unread that nobody has seen, nothing is.
 */
export class Reading {
  #clock;
  #isAttended;
  #isReadBefore;
  #mark;
  /** @type {View | null} */
  #view = null;
  /** Since when everything up to a place has been in view or above it, by rising places and times. @type {{last: number, since: number}[]} */
  #standing = [];
  /** @type {any} */
  #timer = null;

  /**
   * @param {Pick<Surroundings, "now" | "setTimeout" | "clearTimeout">} clock
   * @param {object} room
   * @param {() => boolean} room.isAttended Whether somebody looks.
   * @param {(seq: number) => boolean} room.isReadBefore Whether nothing unread stands before a place.
   * @param {(seq: number) => void} room.mark Told how far has been read.
   */
  constructor(clock, { isAttended, isReadBefore, mark }) {
    this.#clock = clock;
    this.#isAttended = isAttended;
    this.#isReadBefore = isReadBefore;
    this.#mark = mark;
  }

  /** What is in view now; null: nothing. @param {View | null} view */
  see(view) {
    if (!view || !this.#isAttended()) return this.lookAway();
    if (this.#view && view.first > this.#view.first && this.#isReadBefore(this.#view.first)) this.#mark(view.first - 1);
    this.#view = view;
    this.#stand(view.last);
    this.#schedule();
  }

  /** What is in view next was not come to by scrolling, or nobody looks. */
  lookAway() {
    this.#view = null;
    this.#standing = [];
    this.#schedule();
  }

  /** @param {number} last */
  #stand(last) {
    let since = this.#clock.now();
    while (this.#standing.length && this.#standing[this.#standing.length - 1].last >= last) {
      since = this.#standing[this.#standing.length - 1].since;
      this.#standing.pop();
    }
    this.#standing.push({ last, since });
  }

  #schedule() {
    this.#clock.clearTimeout(this.#timer);
    const [next] = this.#standing;
    if (next) this.#timer = this.#clock.setTimeout(() => this.#finish(), Math.max(0, next.since + STOOD_FOR_MS - this.#clock.now()));
  }

  #finish() {
    const next = this.#standing.shift();
    if (!next || !this.#view || !this.#isAttended()) return this.lookAway();
    if (this.#isReadBefore(this.#view.first)) this.#mark(next.last);
    this.#schedule();
  }
}
