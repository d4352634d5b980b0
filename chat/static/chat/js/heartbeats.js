/** @import { Surroundings } from "./types.js" */

const MOST_FRAMES = 64;
const MOST_BYTES = 256 * 1024;

const encoder = new TextEncoder();

/** Counts what one connection has got, and tells the server in time. */
export class Heartbeats {
  #clock;
  #beat;
  #interval = Infinity;
  /** @type {any} */
  #timer = null;
  #received = 0;
  #framesSince = 0;
  #bytesSince = 0;

  /**
   * @param {Pick<Surroundings, "setTimeout" | "clearTimeout">} clock
   * @param {(received: number, urgent: boolean) => void} beat Sends one.
   */
  constructor(clock, beat) {
    this.#clock = clock;
    this.#beat = beat;
  }

  /** @param {number} interval Milliseconds. */
  start(interval) {
    this.#interval = interval;
    this.#scheduleNext();
  }

  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#interval = Infinity;
  }

  /** @param {string} frame */
  count(frame) {
    this.#received += 1;
    this.#framesSince += 1;
    this.#bytesSince += encoder.encode(frame).length;
    if (this.#framesSince >= MOST_FRAMES || this.#bytesSince >= MOST_BYTES) this.beatNow();
  }

  /** @param {boolean} [urgent] Whether the answer tells if the connection still lives. */
  beatNow(urgent = false) {
    if (this.#interval === Infinity) return;
    this.#framesSince = this.#bytesSince = 0;
    this.#scheduleNext();
    this.#beat(this.#received, urgent);
  }

  #scheduleNext() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.beatNow(), this.#interval);
  }
}
