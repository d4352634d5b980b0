/**
 * Puts a text where the person pastes from. A browser offers the newer way to pages that came over
 * https or from this machine only; the older one goes through a selection.
 * @param {string} text
 * @returns {Promise<void>} rejects if the browser allowed neither
 */
export async function copy(text) {
  if (!(await copyTheNewWay(text)) && !copyBySelection(text)) throw new Error("The browser does not let this page copy.");
}

/** @param {string} text */
async function copyTheNewWay(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // it is not there, or this page may not
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const giveBack = rememberFocus();
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.readOnly = true; // else a phone shows its keyboard
  field.value = text;
  // What is outside a modal dialog can be neither focused nor selected.
  (document.querySelector("dialog:modal") ?? document.body).append(field);
  try {
    field.focus({ preventScroll: true });
    field.setSelectionRange(0, text.length);
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    giveBack();
  }
}

/** @returns {() => void} puts the focus, and what was selected in the page, back */
function rememberFocus() {
  const { activeElement } = document;
  const selection = getSelection();
  const ranges = Array.from({ length: selection?.rangeCount ?? 0 }, (_, index) => selection?.getRangeAt(index));
  return () => {
    if (activeElement instanceof HTMLElement) activeElement.focus({ preventScroll: true });
    if (!ranges.length || activeElement?.matches("input, textarea")) return;
    selection?.removeAllRanges();
    for (const range of ranges) if (range) selection?.addRange(range);
  };
}
