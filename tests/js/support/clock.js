/** Time that passes only when a test says so. */
export class FakeClock {
  #now = 1_800_000_000_000;
  #lastTimer = 0;
  /** @type {Map<number, {due: number, callback: () => void}>} */
  #timers = new Map();

  now = () => this.#now;

  /** @param {() => void} callback @param {number} milliseconds */
  setTimeout = (callback, milliseconds) => {
    this.#timers.set((this.#lastTimer += 1), { due: this.#now + milliseconds, callback });
    return this.#lastTimer;
  };

  /** @param {any} timer */
  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** Lets promises that can go on do so. */
  async settle() {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** @param {number} milliseconds */
  async advance(milliseconds) {
    const end = this.#now + milliseconds;
    await this.settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.due);
      this.#timers.delete(next.timer);
      next.callback();
      await this.settle();
    }
    this.#now = end;
  }

  /** How many timers wait. */
  get waiting() {
    return this.#timers.size;
  }

  /** @param {number} end */
  #next(end) {
    /** @type {{timer: number, due: number, callback: () => void} | null} */
    let first = null;
    for (const [timer, { due, callback }] of this.#timers) {
      if (due <= end && (!first || due < first.due)) first = { timer, due, callback };
    }
    return first;
  }
}
