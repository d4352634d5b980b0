/**
 * Writes into a field as if it had been typed, so that it can be undone.
 * @param {HTMLTextAreaElement} field
 * @param {string} text
 */
export function insertText(field, text) {
  field.focus();
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
