/** @import { Person, Reaction } from "./types.js" */
/** @import { People } from "./people.js" */
import { isolated } from "./bidi.js";
import { cloneElement } from "./dom.js";
import { setText } from "./in-place.js";
import { labelOf } from "./person-name.js";
import { isMine } from "./reactions.js";
import { say } from "./words.js";

const NAMES_SHOWN = 8;
/** Kept in each list, unseen: a first reaction then puts nothing into the log that would be read out. */
const SPARE_ITEMS = 2;

/** The reactions under a message. */
export class ReactionLists {
  #self;
  #people;
  /** What each shows, where it waits for names. @type {WeakMap<HTMLElement, Reaction[]>} */
  #nameless = new WeakMap();

  /** @param {Person} self @param {People} people */
  constructor(self, people) {
    this.#self = self;
    this.#people = people;
  }

  /** Before its row stands in the log. @param {HTMLElement} list */
  prepare(list) {
    for (let spare = 0; spare < SPARE_ITEMS; spare += 1) list.append(retired(cloneElement("reaction-template")));
  }

  /** @param {HTMLElement} list @param {Reaction[]} reactions */
  fill(list, reactions) {
    const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.emoji : null;
    while (list.children.length < reactions.length) list.append(cloneElement("reaction-template"));
    const items = /** @type {HTMLElement[]} */ ([...list.children]);
    items.forEach((item, at) => (at < reactions.length ? this.#show(item, reactions[at]) : retired(item)));
    list.hidden = reactions.length === 0;
    if (focused) for (const item of items) if (buttonOf(item).dataset.emoji === focused) buttonOf(item).focus();
    void this.#learnNames(list, reactions);
  }

  /** @param {HTMLElement} list @param {Reaction[]} reactions */
  async #learnNames(list, reactions) {
    this.#nameless.set(list, reactions);
    const unknown = reactions.flatMap(({ users }) => users.slice(0, NAMES_SHOWN)).filter((id) => !this.#people.find(id));
    const found = unknown.length > 0 && (await this.#people.look(unknown)).length > 0;
    if (found && this.#nameless.get(list) === reactions) this.fill(list, reactions);
  }

  /** @param {HTMLElement} item @param {Reaction} reaction */
  #show(item, reaction) {
    const { emoji, count } = reaction;
    const button = buttonOf(item);
    const label = say("reaction", { emoji, names: this.#namesOf(reaction) });
    dress(item, "reaction");
    button.dataset.emoji = emoji;
    button.setAttribute("aria-pressed", String(isMine(reaction, this.#self.id)));
    button.setAttribute("aria-label", `${label} (${count})`);
    button.title = label;
    setText(button.children[0], emoji);
    setText(button.children[1], String(count));
    item.hidden = false;
  }

  /** @param {Reaction} reaction */
  #namesOf(reaction) {
    const { users, count } = reaction;
    const others = users.filter((id) => id !== this.#self.id).map((id) => this.#people.find(id));
    const own = isMine(reaction, this.#self.id) ? [say("you")] : [];
    const names = [...own, ...others.filter((person) => person !== null).map((person) => isolated(labelOf(person)))].slice(0, NAMES_SHOWN);
    if (names.length === 0) return count === 1 ? say("reaction-unknown-one") : say("reaction-unknown", { count });
    if (names.length === count) return names.join(", ");
    return say("reaction-more", { names: names.join(", "), count: count - names.length });
  }
}

/** @param {HTMLElement} item */
function retired(item) {
  item.hidden = true;
  dress(item, "");
  const button = buttonOf(item);
  delete button.dataset.emoji;
  for (const name of ["aria-pressed", "aria-label", "title"]) button.removeAttribute(name);
  button.tabIndex = -1;
  for (const part of button.children) setText(part, "");
  return item;
}

/** A spare one is nobody's reaction. @param {HTMLElement} item @param {"reaction" | ""} name */
function dress(item, name) {
  const button = buttonOf(item);
  if (button.className === name) return;
  button.className = name;
  button.children[0].className = name && `${name}-emoji`;
  button.children[1].className = name && `${name}-count`;
}

/** @param {HTMLElement} item */
function buttonOf(item) {
  return /** @type {HTMLButtonElement} */ (item.querySelector("button"));
}
