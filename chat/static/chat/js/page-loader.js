/** @import { Page, PageQuery, Surroundings } from "./types.js" */
import { growingPause, pause } from "./pauses.js";

/**
 * Fetches pages for a window. A page that was asked for an earlier window is dropped when it comes.
 */
export class PageLoader {
  #fetch;
  #clock;
  #take;
  #changed;
  #generation = 0;
  #underWay = 0;
  #retrying = false;
  /** @type {Promise<void> | null} */
  #extending = null;

  /**
   * @param {(query: PageQuery) => Promise<Page>} fetch
   * @param {Pick<Surroundings, "setTimeout" | "random">} clock
   * @param {(page: Page) => void} take Makes a page the whole window.
   * @param {() => void} changed `loading` may have.
   */
  constructor(fetch, clock, take, changed) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#take = take;
    this.#changed = changed;
  }

  get loading() {
    return this.#underWay > 0;
  }

  /** Counts the windows. */
  get generation() {
    return this.#generation;
  }

  /** A new window has been asked for, in vain so far. */
  get retrying() {
    return this.#retrying;
  }

  /** Drops what is under way: the window that it was for is gone. */
  cancel() {
    this.#generation += 1;
    this.#extending = null;
    this.#retrying = false;
  }

  /**
   * Fetches a page next to the window, one at a time.
   * @param {PageQuery} query
   * @param {(page: Page) => void} take
   * @returns {Promise<void>} Rejects when it could not be fetched.
   */
  extend(query, take) {
    if (this.#extending) return this.#extending;
    /** @type {Promise<void> | null} */
    let extending = null;
    // Before anybody hears that it has ended: they may want the next page at once.
    const end = () => {
      if (this.#extending === extending) this.#extending = null;
    };
    extending = this.#load(query, take, end);
    return (this.#extending = extending);
  }

  /**
   * Fetches a page that becomes the window.
   * @param {PageQuery} query
   * @returns {Promise<void>} Rejects when it could not be fetched.
   */
  replace(query) {
    this.cancel();
    return this.#load(query, this.#take);
  }

  /**
   * Replaces the window, however often it takes.
   * @param {() => PageQuery} query
   * @returns {Promise<boolean>} False when another window was wanted meanwhile.
   */
  async renew(query) {
    for (let failures = 0; ; failures += 1) {
      const replaced = this.replace(query());
      const generation = this.#generation;
      const isReplaced = await replaced.then(() => true, () => false);
      if (isReplaced || generation !== this.#generation) return generation === this.#generation;
      this.#retrying = true;
      await pause(this.#clock, growingPause(failures, this.#clock.random));
      if (generation !== this.#generation) return false;
    }
  }

  /** @param {PageQuery} query @param {(page: Page) => void} take @param {() => void} [end] */
  async #load(query, take, end) {
    const generation = this.#generation;
    this.#count(1);
    try {
      const page = await this.#fetch(query);
      if (generation === this.#generation) take(page);
    } finally {
      end?.();
      this.#count(-1);
    }
  }

  /** @param {number} step */
  #count(step) {
    this.#underWay += step;
    this.#changed();
  }
}
