const IME_KEYCODE = 229;

/** Whether a person types on glass: there Enter breaks the line, and a button sends. */
export function typesOnGlass() {
  return matchMedia("(pointer: coarse)").matches && !matchMedia("(any-pointer: fine)").matches;
}

/**
 * Whether this key sends. While an input method composes, Enter accepts what it proposes: Safari tells only by
 * the old key code.
 * @param {KeyboardEvent} event
 */
export function sendsOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === IME_KEYCODE) return false;
  return event.ctrlKey || event.metaKey || !typesOnGlass();
}
