import { CodeCopies } from "./code-copies.js";
import { makeReachable } from "./wide-tables.js";
import { slot } from "./dom.js";

const BEFORE_IN_VIEW = "100px 0px";

/** What is done with the words of a message once they stand in its row: code and tables are made easy to use. */
export class MessageBodies {
  #scroller;
  #copies = new CodeCopies();
  #inView;
  /** @type {Promise<import("./code/colouring.js").Colouring> | null} */
  #colouring = null;

  /** @param {HTMLElement} scroller In which the rows come into view. Its data name the files that colour code. */
  constructor(scroller) {
    this.#scroller = scroller;
    this.#inView = new IntersectionObserver((entries) => this.#meet(entries), { root: scroller, rootMargin: BEFORE_IN_VIEW });
  }

  /** Whenever a body has been filled, or the server has drawn it. @param {HTMLElement} row */
  prepare(row) {
    const body = slot(row, "body");
    this.#copies.removeFrom(row);
    for (const table of body.querySelectorAll("table")) makeReachable(table);
    for (const block of body.querySelectorAll("pre")) this.#inView.observe(block);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #meet(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      this.#inView.unobserve(target);
      const block = /** @type {HTMLElement} */ (target);
      this.#copies.add(block);
      void this.#colour(block);
    }
  }

  /** @param {HTMLElement} block */
  async #colour(block) {
    const code = /** @type {HTMLElement | null} */ (block.querySelector("code[class*=language-]"));
    const { codeWorker = "", codeLibrary = "" } = this.#scroller.dataset;
    if (!code) return;
    this.#colouring ??= import("./code/colouring.js").then(({ Colouring }) => new Colouring(codeWorker, codeLibrary));
    await this.#colouring.then((colouring) => colouring.add(code), () => (this.#colouring = null));
  }
}
