/** Whether somebody looks at the page: a window beside the one that they work in can be seen as well. */
export class Attention {
  #left;
  #wasThere;

  /** @param {{left: () => void, changed: () => void}} events `left` when nobody looks any more. */
  constructor({ left, changed }) {
    this.#left = left;
    this.#wasThere = this.isThere;
    const listener = () => (this.#change(), changed());
    for (const change of ["focus", "blur"]) window.addEventListener(change, listener);
    document.addEventListener("visibilitychange", listener);
  }

  get isThere() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  #change() {
    const was = this.#wasThere;
    this.#wasThere = this.isThere;
    if (was && !this.isThere) this.#left();
  }
}
