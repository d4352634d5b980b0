/** @import { Message } from "./types.js" */
import { messageHtml } from "./trusted.js";
import { say } from "./words.js";

const QUOTE_LENGTH = 140;
/** After these tags a word does not go on. */
const BREAK = /<(?:br|\/p|\/li|\/h[1-6]|\/t[dhr]|\/pre|hr|[uo]l[^>]*)>/g;

/** What a message says, on one line and without its markup. @param {Message} message */
export function plainText(message) {
  return message.deleted ? say("deleted-message") : inOneLine(textOf(message.html));
}

/** The same, cut as a quote is. @param {Message} message */
export function quoteText(message) {
  return shortenedQuote(plainText(message));
}

/** @param {string} html */
export function textOf(html) {
  const parsed = new DOMParser().parseFromString(messageHtml(html.replaceAll(BREAK, "$& ")), "text/html");
  return parsed.body.textContent ?? "";
}

/** @param {string} text */
export function inOneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** @param {string} line */
export function shortenedQuote(line) {
  const points = [...line];
  return points.length > QUOTE_LENGTH ? `${points.slice(0, QUOTE_LENGTH - 1).join("").trimEnd()}…` : line;
}
