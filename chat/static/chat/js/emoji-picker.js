/** @import { Press } from "./keys.js" */
import { element, within } from "./dom.js";
import { placeBeside } from "./floating.js";
import { onKey } from "./keys.js";
import { say } from "./words.js";

/** @typedef {[emoji: string, group: number, name: string, words: string]} Emoji */

const MOST_FOUND = 120;

/** Picks an emoji, from groups or by its name. */
export class EmojiPicker {
  #dialog = /** @type {HTMLDialogElement} */ (element("emoji-picker"));
  #search = /** @type {HTMLInputElement} */ (within(this.#dialog, "input"));
  #groups = within(this.#dialog, ".emoji-groups");
  /** @type {Promise<Emoji[]> | null} */
  #all = null;
  /** @type {(emoji: string) => void} */
  #picked = () => {};

  constructor() {
    this.#search.addEventListener("input", () => void this.#show());
    this.#dialog.addEventListener("click", (event) => this.#click(event));
    onKey(this.#dialog, (press) => this.#press(press));
  }

  /** @param {HTMLElement} opener @param {(emoji: string) => void} picked */
  async open(opener, picked) {
    this.#picked = picked;
    this.#search.value = "";
    this.#dialog.showModal();
    placeBeside(this.#dialog, opener);
    this.#search.focus();
    await this.#show();
  }

  async #show() {
    this.#all ??= this.#fetch();
    const all = await this.#all;
    const wanted = this.#search.value.trim().toLowerCase();
    this.#groups.replaceChildren(...(wanted ? [grid(find(all, wanted))] : inGroups(all)));
    if (wanted && !this.#choices().length) this.#groups.textContent = say("no-emoji");
    this.#groups.scrollTop = 0;
  }

  /** @returns {Promise<Emoji[]>} */
  async #fetch() {
    try {
      return await (await fetch(this.#dialog.dataset.src ?? "")).json();
    } catch {
      this.#all = null;
      return [];
    }
  }

  /** @param {MouseEvent} event */
  #click(event) {
    if (event.target === this.#dialog) return this.#dialog.close();
    const choice = event.target instanceof Element && event.target.closest(".emoji-choice");
    if (choice) this.#pick(choice.textContent ?? "");
  }

  /** @param {string} emoji */
  #pick(emoji) {
    this.#dialog.close();
    this.#picked(emoji);
  }

  /** @param {Press} press */
  #press(press) {
    if (!press.isPlain) return;
    const choices = this.#choices();
    const at = choices.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (at < 0) return this.#pressInSearch(press, choices);
    const columns = columnsOf(choices[at]);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[press.key];
    if (!step) return;
    press.take();
    (choices[at + step] ?? (step < 0 ? this.#search : choices[at])).focus();
  }

  /** @param {Press} press @param {HTMLButtonElement[]} choices */
  #pressInSearch(press, choices) {
    if (press.key === "ArrowDown") choices[0]?.focus();
    else if (press.key === "Enter" && choices[0] && this.#search.value && !press.isHeld) this.#pick(choices[0].textContent ?? "");
    else return;
    press.take();
  }

  #choices() {
    return [.../** @type {NodeListOf<HTMLButtonElement>} */ (this.#groups.querySelectorAll(".emoji-choice"))];
  }
}

/** @param {Emoji[]} all @param {string} wanted @returns {Emoji[]} Those first whose name begins with it. */
function find(all, wanted) {
  const rank = (/** @type {Emoji} */ [, , name, words]) =>
    name.startsWith(wanted) ? 0 : ` ${name}`.includes(` ${wanted}`) ? 1 : ` ${words}`.includes(` ${wanted}`) ? 2 : 3;
  return all
    .filter((emoji) => rank(emoji) < 3)
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, MOST_FOUND);
}

/** @param {Emoji[]} all */
function inGroups(all) {
  const groups = [...new Set(all.map(([, group]) => group))];
  return groups.map((group) => {
    const section = document.createElement("section");
    section.className = "emoji-group";
    const title = document.createElement("h3");
    title.textContent = say(`emoji-${group}`);
    section.append(title, grid(all.filter((emoji) => emoji[1] === group)));
    return section;
  });
}

/** @param {Emoji[]} emoji */
function grid(emoji) {
  const box = document.createElement("div");
  box.className = "emoji-grid";
  box.append(...emoji.map(choice));
  return box;
}

/** @param {Emoji} emoji */
function choice([emoji, , name]) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "emoji-choice";
  button.title = name;
  button.setAttribute("aria-label", name);
  button.textContent = emoji;
  return button;
}

/** @param {HTMLElement} button */
function columnsOf(button) {
  const box = /** @type {HTMLElement} */ (button.parentElement);
  return getComputedStyle(box).gridTemplateColumns.split(" ").length;
}
