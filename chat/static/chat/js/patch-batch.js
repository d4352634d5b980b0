/** @import { Patch } from "./types.js" */

/** @typedef {"window" | "numbers"} Aspect */

/** Gathers what changes in one turn of the event loop, a whole frame of events say, and tells it once. */
export class PatchBatch {
  /** @type {Patch[]} */
  #patches = [];
  /** @type {Set<Aspect>} */
  #aspects = new Set();
  #scheduled = false;
  #tell;

  /** @param {(patches: Patch[], aspects: Set<Aspect>) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {Patch[]} patches */
  add(...patches) {
    this.#patches.push(...patches);
    this.mark("window");
  }

  /** @param {Aspect} aspect */
  mark(aspect) {
    this.#aspects.add(aspect);
    if (!this.#scheduled) queueMicrotask(() => this.#tellAll());
    this.#scheduled = true;
  }

  #tellAll() {
    const patches = this.#patches;
    const aspects = this.#aspects;
    this.#patches = [];
    this.#aspects = new Set();
    this.#scheduled = false;
    this.#tell(withoutTheOverdrawn(patches), aspects);
  }
}

/** @param {Patch[]} patches @returns {Patch[]} */
function withoutTheOverdrawn(patches) {
  return patches.some((patch) => patch.type === "reset") ? [{ type: "reset" }] : patches;
}
