/** @import { ServerEvent, Surroundings } from "./types.js" */
import { RefusedError } from "./refused-error.js";

/** The answers that one connection owes, by the `ref` of their commands. */
export class AwaitedAnswers {
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: RefusedError) => void, timer: any}>} */
  #awaited = new Map();
  #lastRef = 0;
  #clock;
  #overdue;

  /**
   * @param {Pick<Surroundings, "setTimeout" | "clearTimeout">} clock
   * @param {() => void} overdue Calls when an answer has not come in time.
   */
  constructor(clock, overdue) {
    this.#clock = clock;
    this.#overdue = overdue;
  }

  /**
   * @param {number} patience Milliseconds.
   * @returns {{ref: number, answer: Promise<any>}} The answer rejects with a `RefusedError`.
   */
  expect(patience) {
    const ref = (this.#lastRef += 1);
    const answer = new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(this.#overdue, patience);
      this.#awaited.set(ref, { resolve, reject, timer });
    });
    return { ref, answer };
  }

  /** @param {ServerEvent} event */
  settle(event) {
    const ref = "ref" in event ? event.ref : undefined;
    const awaited = ref === undefined ? undefined : this.#awaited.get(ref);
    if (ref === undefined || !awaited) return;
    this.#awaited.delete(ref);
    this.#clock.clearTimeout(awaited.timer);
    if (event.type === "error") awaited.reject(new RefusedError(event));
    else awaited.resolve(event);
  }

  /** None of them will come. */
  giveUp() {
    for (const { reject, timer } of this.#awaited.values()) {
      this.#clock.clearTimeout(timer);
      reject(offline());
    }
    this.#awaited.clear();
  }
}

export function offline() {
  return new RefusedError({ code: "offline", detail: "" });
}
