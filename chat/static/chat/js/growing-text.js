/**
 * Lets a text field grow with what is in it, where the browser does not do so by itself.
 * @param {HTMLTextAreaElement} text
 * @returns {() => void} To be called when the text has changed.
 */
export function growing(text) {
  if (CSS.supports("field-sizing", "content")) return () => {};
  return () => {
    text.style.blockSize = "auto";
    text.style.blockSize = `${text.scrollHeight}px`;
  };
}
