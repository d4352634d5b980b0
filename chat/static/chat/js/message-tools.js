/** @import { Press } from "./keys.js" */
/** @import { Message } from "./types.js" */
import { cloneElement, closest, element } from "./dom.js";
import { placeBeside } from "./floating.js";
import { onKey } from "./keys.js";

const LONG_PRESS = 450;
const MOST_MOVED = 10;

/**
 * @typedef {object} Tool What is done with a message.
 * @property {(message: Message, row: HTMLElement) => void} reply
 * @property {(message: Message, row: HTMLElement) => void} edit
 * @property {(message: Message, row: HTMLElement) => void} delete
 * @property {(message: Message, row: HTMLElement) => void} copy
 * @property {(message: Message, row: HTMLElement) => void} link
 * @property {(message: Message, row: HTMLElement) => void} pick Another emoji.
 * @property {(message: Message, row: HTMLElement, emoji: string) => void} react
 * @property {() => void} leave Back to writing.
 */

/** Keys that stand for a tool while a message has the focus. @type {Record<string, "reply" | "edit" | "delete" | "pick" | "copy">} */
const KEYS = { r: "reply", e: "edit", d: "delete", Delete: "delete", "+": "pick", c: "copy" };

/** Reaches a message's tools: by mouse over it, by a long press on it, by keys while it has the focus. */
export class MessageTools {
  #log;
  #messageOf;
  #may;
  #tools;
  #bar = cloneElement("tools-template");
  #sheet = /** @type {HTMLDialogElement} */ (element("message-sheet"));
  /** @type {HTMLElement | null} */
  #active = null;
  /** The row that the Tab key reaches. @type {HTMLElement | null} */
  #reachable = null;
  /** @type {{timer: any, x: number, y: number} | null} */
  #press = null;
  /** What was down before the sheet opened presses nothing in it. */
  #isSheetPressed = false;

  /**
   * @param {HTMLElement} log
   * @param {(row: HTMLElement) => Message | null} messageOf
   * @param {(tool: string, message: Message) => boolean} may Whether this person may do this with a message.
   * @param {Tool} tools
   */
  constructor(log, messageOf, may, tools) {
    this.#log = log;
    this.#messageOf = messageOf;
    this.#may = may;
    this.#tools = tools;
    this.#listen();
  }

  /** Lets the Tab key reach the log at its newest message, or where one was within it. */
  keepReachable() {
    if (this.#reachable?.isConnected && this.#log.contains(document.activeElement)) return;
    const rows = this.#rows();
    this.#reach(rows[rows.length - 1] ?? null);
  }

  #listen() {
    const log = this.#log;
    log.addEventListener("pointerover", (event) => this.#hover(event));
    log.addEventListener("pointerleave", () => this.#deactivate());
    log.addEventListener("focusin", (event) => this.#takeFocus(rowAt(event.target)));
    log.addEventListener("focusout", (event) => log.contains(/** @type {Node} */ (event.relatedTarget)) || this.#deactivate());
    onKey(log, (press) => this.#pressKey(press));
    log.addEventListener("click", (event) => this.#click(event));
    log.addEventListener("pointerdown", (event) => this.#startPress(event));
    log.addEventListener("pointermove", (event) => this.#movePress(event));
    for (const end of ["pointerup", "pointercancel", "scroll"]) log.addEventListener(end, () => this.#endPress());
    log.addEventListener("contextmenu", (event) => this.#press && event.preventDefault());
    this.#sheet.addEventListener("pointerdown", () => (this.#isSheetPressed = true));
    this.#sheet.addEventListener("click", (event) => this.#clickSheet(event));
  }

  /** Not while the pointer selects. @param {PointerEvent} event */
  #hover({ pointerType, buttons, target }) {
    if (pointerType === "mouse" && buttons === 0) this.#activate(rowAt(target));
  }

  /** @param {HTMLElement | null} row */
  #activate(row) {
    if (!row || row === this.#active) return;
    this.#deactivate(true);
    const message = this.#messageOf(row);
    if (!message || message.deleted || row.classList.contains("is-edited-now")) return;
    this.#active = row;
    row.classList.add("is-active");
    this.#showTools(this.#bar, message);
    setButtonsReachable(row, true);
    row.append(this.#bar);
  }

  /** @param {boolean} [evenWithFocus] */
  #deactivate(evenWithFocus = false) {
    const row = this.#active;
    if (!row || this.#sheet.open) return;
    if (!evenWithFocus && row.contains(document.activeElement)) return;
    if (this.#bar.contains(document.activeElement)) row.focus({ preventScroll: true });
    this.#active = null;
    row.classList.remove("is-active");
    setButtonsReachable(row, false);
    this.#bar.remove();
  }

  /** @param {HTMLElement} holder @param {Message} message */
  #showTools(holder, message) {
    for (const tool of /** @type {NodeListOf<HTMLElement>} */ (holder.querySelectorAll("[data-needs]"))) {
      tool.hidden = !this.#may(tool.dataset.needs ?? "", message);
    }
  }

  /** @param {HTMLElement | null} row */
  #takeFocus(row) {
    if (!row) return;
    this.#reach(row);
    this.#activate(row);
  }

  /** @param {HTMLElement | null} row */
  #reach(row) {
    if (this.#reachable) this.#reachable.tabIndex = -1;
    this.#reachable = row;
    if (row) row.tabIndex = 0;
  }

  /** @returns {HTMLElement[]} */
  #rows() {
    return [...this.#log.querySelectorAll(":scope > .message[data-id]")].map((row) => /** @type {HTMLElement} */ (row));
  }

  /** @param {Press} press */
  #pressKey(press) {
    const row = rowAt(press.target);
    if (!row || !press.isPlain) return;
    if (press.key === "Escape") return this.#tools.leave();
    if (this.#move(press, row)) return press.take();
    const tool = press.key === "Enter" ? "menu" : KEYS[press.key];
    if (press.target !== row || !tool || press.isHeld) return;
    // Else the same key would press the button that gets the focus now.
    press.take();
    if (tool === "menu") this.#openSheet(row);
    else this.#use(tool, row);
  }

  /** @param {Press} press @param {HTMLElement} row @returns {boolean} */
  #move({ key }, row) {
    const rows = this.#rows();
    const at = rows.indexOf(row);
    const next = { ArrowUp: rows[at - 1], ArrowDown: rows[at + 1], Home: rows[0], End: rows[rows.length - 1] }[key];
    if (key === "ArrowDown" && !next) this.#tools.leave();
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
    return next !== undefined || key === "ArrowDown";
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const row = rowAt(event.target);
    const reaction = closest(event.target, ".reaction");
    const tool = closest(event.target, ".tools [data-action]");
    if (row && reaction?.dataset.emoji) this.#use("react", row, reaction.dataset.emoji);
    else if (row && tool) this.#useButton(tool, row);
  }

  /** @param {HTMLElement} button @param {HTMLElement} row */
  #useButton(button, row) {
    const { action, emoji } = button.dataset;
    if (action === "menu") this.#openSheet(row, button);
    else this.#use(/** @type {keyof Tool} */ (action), row, emoji);
  }

  /** @param {keyof Tool} tool @param {HTMLElement} row @param {string} [emoji] */
  #use(tool, row, emoji = "") {
    const message = this.#messageOf(row);
    if (!message || message.deleted || tool === "leave") return;
    if (!this.#may(tool, message)) return;
    if (tool === "edit") this.#deactivate(true);
    this.#tools[tool](message, row, emoji);
  }

  /** @param {HTMLElement} row @param {HTMLElement} [button] */
  #openSheet(row, button) {
    const message = this.#messageOf(row);
    if (!message || message.deleted) return;
    this.#activate(row);
    this.#showTools(this.#sheet, message);
    this.#isSheetPressed = false;
    this.#sheet.showModal();
    placeBeside(this.#sheet, button ?? row);
  }

  /** @param {MouseEvent} event */
  #clickSheet(event) {
    const button = closest(event.target, "[data-action]");
    const isByKey = event.detail === 0;
    if (!this.#isSheetPressed && !isByKey) return;
    if (!button && event.target !== this.#sheet) return;
    this.#sheet.close();
    const row = this.#active;
    if (row && button) this.#useButton(button, row);
    else this.#deactivate();
  }

  /** @param {PointerEvent} event */
  #startPress(event) {
    const row = rowAt(event.target);
    if (event.pointerType === "mouse" || !row || closest(event.target, "button, textarea")) return;
    const timer = setTimeout(() => this.#finishPress(row), LONG_PRESS);
    this.#press = { timer, x: event.clientX, y: event.clientY };
  }

  /** @param {PointerEvent} event */
  #movePress({ clientX, clientY }) {
    if (this.#press && Math.hypot(clientX - this.#press.x, clientY - this.#press.y) > MOST_MOVED) this.#endPress();
  }

  /** @param {HTMLElement} row */
  #finishPress(row) {
    getSelection()?.removeAllRanges();
    this.#openSheet(row);
  }

  #endPress() {
    clearTimeout(this.#press?.timer);
    this.#press = null;
  }
}

/** @param {EventTarget | null} target */
function rowAt(target) {
  return closest(target, ".message[data-id]");
}

/** @param {HTMLElement} row @param {boolean} reachable */
function setButtonsReachable(row, reachable) {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll(".reaction, .code-copy"))) {
    button.tabIndex = reachable ? 0 : -1;
  }
}
