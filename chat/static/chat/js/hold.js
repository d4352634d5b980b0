/** Whether somebody selects text in the log, or has selected some: then it shall not move under them. */
export class Hold {
  #log;
  #isPressed = false;

  /** @param {HTMLElement} log @param {() => void} changed */
  constructor(log, changed) {
    this.#log = log;
    log.addEventListener("pointerdown", () => this.#press(true));
    for (const end of ["pointerup", "pointercancel", "blur"]) window.addEventListener(end, () => this.#press(false));
    document.addEventListener("selectionchange", changed);
  }

  get isOn() {
    return this.#isPressed || this.#range !== null;
  }

  /** What is selected of the log. @returns {Range | null} */
  get #range() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    return range.intersectsNode(this.#log) ? range : null;
  }

  /** @returns {HTMLElement[]} The rows in which the selection begins and ends. */
  get rows() {
    const range = this.#range;
    const ends = range ? [range.startContainer, range.endContainer] : [];
    const rows = ends.map((node) => (node instanceof Element ? node : node.parentElement)?.closest(".message[data-id]"));
    return rows.filter((row) => row instanceof HTMLElement);
  }

  /** @param {boolean} isPressed */
  #press(isPressed) {
    this.#isPressed = isPressed;
  }
}
