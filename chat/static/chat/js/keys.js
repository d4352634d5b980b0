// What a key means is decided here: no other module listens to the keyboard.

const IME_KEYCODE = 229;
/** Names of a key that an input method, or an accent that waits for its letter, has swallowed. */
const SWALLOWED = new Set(["Dead", "Process", "Unidentified"]);
/** Going on from place to place is what these are held for. */
const TRAVELLING = /^(Arrow|Page|Home$|End$|Tab$)/;

/**
 * A key that a person pressed by itself.
 * @typedef {object} Press
 * @property {string} key As `KeyboardEvent.key`, but of a letter: which case it has is Shift's affair alone, whatever
 *   CapsLock says, and where a keyboard writes no Latin letters, the place of the key tells which it stands for.
 * @property {boolean} isPlain Without Ctrl, Alt, AltGr and Meta.
 * @property {boolean} isCommand With Ctrl or Meta alone.
 * @property {boolean} isShifted
 * @property {boolean} isHeld It repeats by itself.
 * @property {EventTarget | null} target
 * @property {() => void} take Keeps the browser from doing with it what it otherwise does.
 * @property {() => void} keep Keeps it from whoever listens further out.
 */

/**
 * Listens for keys. While an input method composes, its keys are nobody's shortcut, and none is told.
 * @param {EventTarget} target
 * @param {(press: Press) => void} listener
 */
export function onKey(target, listener) {
  target.addEventListener("keydown", (event) => {
    const key = /** @type {KeyboardEvent} */ (event);
    if (!belongsToInputMethod(key)) listener(pressOf(key));
  });
}

/**
 * Holds for a whole page: a dialog, a search or a form does not take the keys of an input method for its own, and
 * a key that is held presses nothing twice, and nothing but what it was pressed for.
 * @param {EventTarget} page
 */
export function guardKeys(page) {
  let composes = false;
  let began = /** @type {EventTarget | null} */ (null);
  page.addEventListener("compositionstart", () => (composes = true), true);
  page.addEventListener("compositionend", () => (composes = false), true);
  page.addEventListener("cancel", (event) => composes && event.preventDefault(), true);
  page.addEventListener("keydown", (event) => (began = guard(/** @type {KeyboardEvent} */ (event), began)), true);
}

/**
 * @param {KeyboardEvent} event
 * @param {EventTarget | null} began Where the key went down that is held now.
 * @returns {EventTarget | null} The same, after this event.
 */
function guard(event, began) {
  if (belongsToInputMethod(event)) keepFromBrowser(event);
  if (!event.repeat) return event.target;
  if (event.target === began ? pressesAgain(event) : !TRAVELLING.test(event.key)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  return began;
}

/** A button, a link or a form would take each repeat for another. @param {KeyboardEvent} event */
function pressesAgain({ key, target }) {
  return key === "Enter" && !(target instanceof HTMLTextAreaElement);
}

/** Whether this key sends, held or not. @param {Press} press */
export function sendsOnEnter({ key, isShifted, isCommand, isPlain }) {
  if (key !== "Enter" || isShifted) return false;
  return isCommand || (isPlain && !typesOnGlass());
}

/**
 * Has a phone's keyboard say what its Enter does.
 * @param {HTMLTextAreaElement} field
 * @param {"send" | "done"} action What it does where it does not break the line.
 */
export function labelEnter(field, action) {
  const label = () => (field.enterKeyHint = typesOnGlass() ? "enter" : action);
  // A mouse may have come, or gone.
  field.addEventListener("focus", label);
  label();
}

/** Whether a person types on glass: there Enter breaks the line, and a button sends. */
function typesOnGlass() {
  return matchMedia("(pointer: coarse)").matches && !matchMedia("(any-pointer: fine)").matches;
}

/** Safari tells the key that ended a composition only by the old key code. @param {KeyboardEvent} event */
function belongsToInputMethod({ isComposing, keyCode, key }) {
  return isComposing || keyCode === IME_KEYCODE || SWALLOWED.has(key);
}

/** An Escape would close a dialog or empty a search, an Enter send a form. @param {KeyboardEvent} event */
function keepFromBrowser(event) {
  const { key, code, target } = event;
  const sendsForm = key === "Enter" && target instanceof HTMLInputElement;
  if (key === "Escape" || code === "Escape" || sendsForm) event.preventDefault();
}

/** @param {KeyboardEvent} event @returns {Press} */
function pressOf(event) {
  const { ctrlKey, metaKey, altKey, shiftKey, repeat, target } = event;
  const isAlternate = altKey || event.getModifierState("AltGraph");
  return {
    key: letterOf(event),
    isPlain: !ctrlKey && !metaKey && !isAlternate,
    isCommand: (ctrlKey || metaKey) && !isAlternate,
    isShifted: shiftKey,
    isHeld: repeat,
    target,
    take: () => event.preventDefault(),
    keep: () => event.stopPropagation(),
  };
}

/** @param {KeyboardEvent} event */
function letterOf({ key, code, shiftKey }) {
  const letter = /^[a-z]$/i.test(key) ? key : isOfAnotherScript(key) ? (/^Key([A-Z])$/.exec(code)?.[1] ?? "") : "";
  if (!letter) return key;
  return shiftKey ? letter.toUpperCase() : letter.toLowerCase();
}

/** @param {string} key */
function isOfAnotherScript(key) {
  return /^[\p{L}\p{M}]/u.test(key) && !/^\p{Script=Latin}/u.test(key);
}
