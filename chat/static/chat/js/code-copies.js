import { copy } from "./copying.js";
import { cloneElement, closest } from "./dom.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

const CORNER_PIXELS = 5;
/** As far down as the toolbar over a message reaches. */
const TOOLS_PIXELS = 20;

const hovers = matchMedia("(hover: hover)");

/**
 * A button on each block of code. They stand beside the message's body, not in it: what is read out or copied as the
 * message are its words alone.
 */
export class CodeCopies {
  /** By button. @type {WeakMap<HTMLElement, HTMLElement>} */
  #blocks = new WeakMap();
  #resized = new ResizeObserver((entries) => this.#placeAll(entries));

  /** @param {HTMLElement} block A `pre` in a message's body. */
  add(block) {
    const body = closest(block, ".message-body");
    if (!body) return;
    const button = cloneElement("code-copy-template");
    this.#blocks.set(button, block);
    this.#holderBeside(body).append(button);
    // Else the row takes the focus and its toolbar comes up under the finger, before the click.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => void this.#copy(block));
    this.#place(button, block);
    this.#resized.observe(body);
  }

  /** @param {HTMLElement} row */
  removeFrom(row) {
    const holder = row.querySelector(":scope > .code-copies");
    if (holder?.contains(document.activeElement)) row.focus({ preventScroll: true });
    holder?.remove();
  }

  /** @param {HTMLElement} body */
  #holderBeside(body) {
    if (!body.nextElementSibling?.matches(".code-copies")) body.after(cloneElement("code-copies-template"));
    return /** @type {HTMLElement} */ (body.nextElementSibling);
  }

  /** @param {ResizeObserverEntry[]} entries */
  #placeAll(entries) {
    for (const { target } of entries) {
      for (const button of target.parentElement?.querySelectorAll(".code-copy") ?? []) {
        const block = this.#blocks.get(/** @type {HTMLElement} */ (button));
        if (block) this.#place(/** @type {HTMLElement} */ (button), block);
      }
    }
  }

  /** In its upper right corner, but below the toolbar. @param {HTMLElement} button @param {HTMLElement} block */
  #place(button, block) {
    const row = closest(button, ".message");
    const holder = /** @type {HTMLElement} */ (button.parentElement);
    const { top, bottom, right } = block.getBoundingClientRect();
    const tools = hovers.matches ? (row?.getBoundingClientRect().top ?? 0) + TOOLS_PIXELS : 0;
    const start = Math.max(top + CORNER_PIXELS, tools);
    const within = Math.min(start, bottom - CORNER_PIXELS - button.offsetHeight);
    const frame = holder.getBoundingClientRect();
    button.style.top = `${within - frame.top}px`;
    button.style.right = `${frame.right - right + CORNER_PIXELS}px`;
  }

  /** @param {HTMLElement} block */
  async #copy(block) {
    // A line break at the end would run the code in a terminal.
    const code = (block.textContent ?? "").replace(/\n$/, "");
    await copy(code).then(() => toast(say("copied")), () => toast(say("not-copied")));
  }
}
