/** @import { Surroundings } from "./types.js" */
import { growingPause } from "./pauses.js";

const SHORTEST_WAIT = 300;
const LONGEST_WAIT = 1000;

/** Follows a room's numbers, and calls for what is missing when it does not come by itself. */
export class Sequence {
  #at;
  #head;
  /** Numbers seen beyond a hole. @type {Set<number>} */
  #ahead = new Set();
  #clock;
  #catchUp;
  /** @type {any} */
  #timer = null;
  #catchingUp = false;
  #fruitless = 0;

  /**
   * @param {number} at
   * @param {Pick<Surroundings, "setTimeout" | "clearTimeout" | "random">} clock
   * @param {() => Promise<void>} catchUp Brings what is missing; one at a time. It may fail.
   */
  constructor(at, clock, catchUp) {
    this.#at = this.#head = at;
    this.#clock = clock;
    this.#catchUp = catchUp;
  }

  /** Every change up to this one is known. */
  get at() {
    return this.#at;
  }

  /** How many changes are known to exist and not to have come. */
  get behind() {
    return this.#head - this.#at;
  }

  /** A change has come. @param {number} seq */
  see(seq) {
    if (seq > this.#at) this.#ahead.add(seq);
    this.#passWhatIsKnown();
    this.noteHead(seq);
  }

  /** The room is known to have come this far. @param {number} head */
  noteHead(head) {
    this.#head = Math.max(this.#head, head);
    this.#awaitTheRest();
  }

  /** Everything up to `seq` has come. @param {number} seq */
  moveTo(seq) {
    this.#at = Math.max(this.#at, seq);
    this.#passWhatIsKnown();
    this.noteHead(this.#at);
  }

  /**
   * Something older than what has come was taken in, so that the changes after `seq` must come again for it.
   * @param {number} seq
   */
  moveBackTo(seq) {
    this.#at = Math.min(this.#at, seq);
    for (const seen of this.#ahead) if (seen > seq) this.#ahead.delete(seen);
    this.#awaitTheRest();
  }

  /** The numbers begin anew. @param {number} seq */
  restart(seq) {
    this.#ahead.clear();
    this.#at = this.#head = seq;
    this.stop();
  }

  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  async catchUpNow() {
    if (this.#catchingUp) return;
    this.stop();
    this.#catchingUp = true;
    const before = this.#at;
    await this.#catchUp().catch(() => {});
    this.#catchingUp = false;
    this.#fruitless = this.#at > before ? 0 : this.#fruitless + 1;
    this.#awaitTheRest();
  }

  #passWhatIsKnown() {
    for (const seen of this.#ahead) if (seen <= this.#at) this.#ahead.delete(seen);
    while (this.#ahead.delete(this.#at + 1)) this.#at += 1;
  }

  #awaitTheRest() {
    if (this.behind === 0) return this.stop();
    if (this.#timer !== null || this.#catchingUp) return;
    this.#timer = this.#clock.setTimeout(() => void this.catchUpNow(), this.#wait());
  }

  #wait() {
    const { random } = this.#clock;
    const again = this.#fruitless && growingPause(this.#fruitless, random);
    return SHORTEST_WAIT + random() * (LONGEST_WAIT - SHORTEST_WAIT) + again;
  }
}
