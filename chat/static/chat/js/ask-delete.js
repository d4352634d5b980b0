/** @import { Message } from "./types.js" */
import { element, slot } from "./dom.js";
import { plainText } from "./plain-text.js";

/** Asks once. @param {Message} message @returns {Promise<boolean>} */
export function askToDelete(message) {
  const dialog = /** @type {HTMLDialogElement} */ (element("delete-dialog"));
  slot(dialog, "text").textContent = plainText(message);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
