/** @import { Message } from "./types.js" */
import { say } from "./words.js";

/** What a message says, on one line and without its markup. @param {Message} message */
export function plainText(message) {
  if (message.deleted) return say("deleted-message");
  const parsed = new DOMParser().parseFromString(message.html, "text/html");
  return (parsed.body.textContent ?? "").replace(/\s+/g, " ").trim();
}
