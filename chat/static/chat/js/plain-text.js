/** @import { Message } from "./types.js" */
import { say } from "./words.js";

/** After these tags a word does not go on. */
const BREAK = /<(?:br|\/p|\/li|\/h[1-6]|\/t[dhr]|\/pre|hr)>/g;

/** What a message says, on one line and without its markup. @param {Message} message */
export function plainText(message) {
  if (message.deleted) return say("deleted-message");
  const parsed = new DOMParser().parseFromString(message.html.replaceAll(BREAK, "$& "), "text/html");
  return (parsed.body.textContent ?? "").replace(/\s+/g, " ").trim();
}
