import { isolated } from "./bidi.js";
import { readPageData } from "./page-data.js";

/** @type {Record<string, string> | null} */
let words = null;

/**
 * A text for people, in the page's language.
 * @param {string} name As `chat/views/words.py` lists them.
 * @param {Record<string, string | number>} [values] What to put in place of `{name}`.
 */
export function say(name, values = {}) {
  words ??= readPageData().words;
  const text = words[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => isolated(String(values[key] ?? whole)));
}

/** @param {unknown} error @returns {string} Why a command was not carried out. */
export function reasonOf(error) {
  return (error instanceof Error && error.message) || say("no-answer");
}
