/** @import { Token } from "./timed-worker.js" */
import { TimedWorker } from "./timed-worker.js";
import { workerAddress } from "../trusted.js";

const MAX_CHARACTERS = 20_000;
/** So many of its parts are coloured, from its beginning: more would hold the page up while they are laid out. */
const MAX_PARTS = 2_000;

/** Colours blocks of code, one after another. What cannot be coloured in time stays plain. */
export class Colouring {
  #library;
  #worker;
  /** @type {Set<HTMLElement>} */
  #waiting = new Set();
  #busy = false;

  /**
   * @param {string} worker Its script's address.
   * @param {string} library Address of the folder that holds highlight.js.
   */
  constructor(worker, library) {
    this.#library = new URL(library, location.href).href;
    this.#worker = new TimedWorker(() => new Worker(workerAddress(worker), { type: "module" }));
  }

  /** @param {HTMLElement} code Its class names the language. */
  add(code) {
    this.#waiting.add(code);
    if (!this.#busy) void this.#work();
  }

  async #work() {
    this.#busy = true;
    for (const code of this.#waiting) {
      this.#waiting.delete(code);
      if (code.isConnected) await this.#colour(code);
    }
    this.#busy = false;
  }

  /** @param {HTMLElement} element */
  async #colour(element) {
    const name = languageOf(element);
    const code = element.textContent ?? "";
    if (!name || code.length > MAX_CHARACTERS) return;
    const tokens = await this.#worker.ask({ library: this.#library, name, code });
    if (tokens && isStill(element, tokens)) paint(element, tokens);
  }
}

/** @param {HTMLElement} code */
function languageOf(code) {
  const name = [...code.classList].find((each) => each.startsWith("language-"));
  return name?.replace("language-", "").toLowerCase();
}

/** Whether the element says what was coloured, and nobody is selecting in it. @param {HTMLElement} code @param {Token[]} tokens */
function isStill(code, tokens) {
  const selection = getSelection();
  const isSelected = selection?.isCollapsed === false && selection.containsNode(code, true);
  return !isSelected && tokens.map(([text]) => text).join("") === code.textContent;
}

/** @param {HTMLElement} code @param {Token[]} tokens */
function paint(code, tokens) {
  // Else a screen reader reads the code once more: it stands in a live region.
  code.closest("pre")?.setAttribute("aria-live", "off");
  const painted = document.createDocumentFragment();
  for (const [text, scope] of tokens.slice(0, MAX_PARTS)) painted.append(scope ? span(text, scope) : text);
  painted.append(tokens.slice(MAX_PARTS).map(([text]) => text).join(""));
  code.replaceChildren(painted);
}

/** @param {string} text @param {string} scope */
function span(text, scope) {
  const element = document.createElement("span");
  element.className = `hljs-${scope.split(/[^\w-]/)[0]}`;
  element.textContent = text;
  return element;
}
