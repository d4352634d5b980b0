/** @import { Person } from "./types.js" */

const HUES = 10;

/** @param {Person} person */
export function nameOf(person) {
  return person.name || person.username;
}

/** Draws a person without a picture, as `templatetags/people.py` does. @param {HTMLElement} avatar @param {Person} person */
export function fillAvatar(avatar, person) {
  for (const name of [...avatar.classList]) if (/^avatar-\d+$/.test(name)) avatar.classList.remove(name);
  avatar.classList.add(`avatar-${person.id % HUES}`);
  avatar.dataset.person = String(person.id);
  avatar.textContent = initials(nameOf(person));
}

/** @param {string} name */
function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0] ?? "?"];
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}
