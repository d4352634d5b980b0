/** @import { Person } from "./types.js" */
import { fillAvatar, nameOf } from "./avatar.js";
import { isolated } from "./bidi.js";

/** What stands for a person where there is only text. @param {Person} person */
export function labelOf(person) {
  return person.ambiguous ? `${isolated(nameOf(person))} @${person.username}` : nameOf(person);
}

/**
 * Draws a name as `templatetags/people.py` does: the username beside it where the name alone could be another's.
 * @param {HTMLElement} holder @param {Person} person
 */
export function fillName(holder, person) {
  holder.dataset.person = String(person.id);
  holder.title = `@${person.username}`;
  const { firstChild } = holder;
  // Not a new node where the old one serves: the log would read it out.
  if (firstChild instanceof Text) firstChild.data = nameOf(person);
  else holder.replaceChildren(nameOf(person));
  while (holder.childNodes.length > 1) holder.lastChild?.remove();
  if (person.ambiguous) holder.append(" ", username(person));
}

/** Everywhere on the page. @param {Person} person */
export function renameEverywhere(person) {
  for (const holder of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-person="${person.id}"]`))) {
    if (holder.classList.contains("avatar")) fillAvatar(holder, person);
    else fillName(holder, person);
  }
}

/** @param {Person} person */
function username(person) {
  const shown = document.createElement("span");
  shown.className = "person-username";
  shown.dir = "auto";
  shown.textContent = `@${person.username}`;
  return shown;
}
