/** @import { Surroundings } from "./types.js" */

const INTERVAL = 1000;

/** Tells the server what was read, at most once a second and room. */
export class ReadingMarks {
  #clock;
  #send;
  /** @type {Map<number, {sent: number, wanted: number}>} */
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
    const resting = this.#resting.get(room);
    if (resting) resting.wanted = Math.max(resting.wanted, seq);
    else this.#sendAndRest(room, seq);
  }

  /** @param {number} room @param {number} seq */
  #sendAndRest(room, seq) {
    this.#send(room, seq);
    this.#resting.set(room, { sent: seq, wanted: seq });
    this.#clock.setTimeout(() => this.#rested(room), INTERVAL);
  }

  /** @param {number} room */
  #rested(room) {
    const { sent, wanted } = this.#resting.get(room) ?? { sent: 0, wanted: 0 };
    this.#resting.delete(room);
    if (wanted > sent) this.#sendAndRest(room, wanted);
  }
}
