/** @import { Surroundings } from "./types.js" */

const INTERVAL = 1000;

/** Tells the server what was read, at most once a second and room. */
export class ReadingMarks {
  #clock;
  #send;
  /** What is to be told next, by the rooms told less than a second ago. @type {Map<number, number | null>} */
  #resting = new Map();

  /**
   * @param {Pick<Surroundings, "setTimeout">} clock
   * @param {(room: number, seq: number) => void} send
   */
  constructor(clock, send) {
    this.#clock = clock;
    this.#send = send;
  }

  /** @param {number} room @param {number} seq */
  mark(room, seq) {
    if (this.#resting.has(room)) this.#resting.set(room, seq);
    else this.#sendAndRest(room, seq);
  }

  /** The page is going away: what waits is told now. */
  flush() {
    for (const [room, next] of this.#resting) {
      if (next !== null) this.#send(room, next);
      this.#resting.set(room, null);
    }
  }

  /** @param {number} room @param {number} seq */
  #sendAndRest(room, seq) {
    this.#resting.set(room, null);
    this.#clock.setTimeout(() => this.#rested(room), INTERVAL);
    this.#send(room, seq);
  }

  /** @param {number} room */
  #rested(room) {
    const next = this.#resting.get(room) ?? null;
    this.#resting.delete(room);
    if (next !== null) this.#sendAndRest(room, next);
  }
}
