/** @import { Store } from "./types.js" */
import { keysOf } from "./drafts.js";

const UNSENT = /^chat:(?:draft|outbox):(\d+):/;

/**
 * What a person has written in this browser and not sent.
 * @param {Store} storage
 * @param {number} person
 * @returns {string[]}
 */
export function unsentOf(storage, person) {
  const keys = keysOf(storage, "chat:").filter((key) => UNSENT.exec(key)?.[1] === String(person));
  return keys.map((key) => textOf(storage.getItem(key) ?? "")).filter((text) => text.trim());
}

/**
 * All that is kept of a person in this browser goes, and their other tabs hear of it.
 * @param {Store} storage
 * @param {number} person
 */
export function forgetPerson(storage, person) {
  try {
    for (const key of keysOf(storage, "chat:")) if (key.split(":")[2] === String(person)) storage.removeItem(key);
    storage.setItem(signedOutKey(person), "now");
    storage.removeItem(signedOutKey(person));
  } catch {}
}

/** Under this key the tabs of a person tell each other that they have signed out. @param {number} person */
export function signedOutKey(person) {
  return `chat:signed-out:${person}`;
}

/** @param {string} kept A draft, a post, or words as they were kept of old. */
function textOf(kept) {
  try {
    const { text, body } = JSON.parse(kept);
    return String(text ?? body ?? "");
  } catch {
    return kept;
  }
}
