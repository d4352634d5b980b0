/** @import { Person } from "./types.js" */
import { setText } from "./in-place.js";

const HUES = 10;

/** @param {Person} person */
export function nameOf(person) {
  return person.name || person.username;
}

/** Draws a person without a picture, as `templatetags/people.py` does. @param {HTMLElement} avatar @param {Person} person */
export function fillAvatar(avatar, person) {
  const hue = `avatar-${hueOf(person.id)}`;
  for (const name of [...avatar.classList]) if (/^avatar-\d+$/.test(name) && name !== hue) avatar.classList.remove(name);
  avatar.classList.add(hue);
  avatar.dataset.person = String(person.id);
  setText(avatar, initials(nameOf(person)));
}

/** @param {number} id */
export function hueOf(id) {
  return id % HUES;
}

/** @param {string} name */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0] ?? "?"];
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}
