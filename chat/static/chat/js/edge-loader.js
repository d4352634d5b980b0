/** @import { ScrollKeeper } from "./scroll-keeper.js" */
/** @import { Timeline } from "./timeline.js" */

const LOAD_WITHIN = 1200;

/** Fetches the page before or after what is held, when the view comes near to that end. */
export class EdgeLoader {
  #timeline;
  #scroll;
  /** Set while a page failed to come, so that we don't ask again at once. */
  #held = false;

  /** @param {Timeline} timeline @param {ScrollKeeper} scroll */
  constructor(timeline, scroll) {
    this.#timeline = timeline;
    this.#scroll = scroll;
  }

  /** Pages may be asked for again. */
  release() {
    this.#held = false;
  }

  look() {
    if (this.#held || this.#timeline.loading) return;
    const { moreBefore, moreAfter } = this.#timeline;
    if (moreBefore && this.#scroll.above < LOAD_WITHIN) void this.#load(() => this.#timeline.loadOlder());
    else if (moreAfter && this.#scroll.below < LOAD_WITHIN) void this.#load(() => this.#timeline.loadNewer());
  }

  /** @param {() => Promise<void>} load */
  async #load(load) {
    try {
      await load();
    } catch {
      this.#held = true;
    }
  }
}
