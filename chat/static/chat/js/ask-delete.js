/** @import { Message } from "./types.js" */
import { element, slot } from "./dom.js";
import { plainText } from "./plain-text.js";

/** What is asked about, while it is. @type {Message | null} */
let asked = null;

/** It is quoted as it is now; what is gone needs no answer. @param {Message} message */
export function requoteAsked(message) {
  if (asked?.id !== message.id) return;
  const dialog = /** @type {HTMLDialogElement} */ (element("delete-dialog"));
  slot(dialog, "text").textContent = plainText(message);
  if (message.deleted) dialog.close("no");
}

/** Asks once. @param {Message} message @returns {Promise<boolean>} */
export function askToDelete(message) {
  const dialog = /** @type {HTMLDialogElement} */ (element("delete-dialog"));
  slot(dialog, "text").textContent = plainText(message);
  dialog.returnValue = "no";
  dialog.showModal();
  asked = message;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
