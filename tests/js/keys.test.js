/** @import { Press } from "../../chat/static/chat/js/keys.js" */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { guardKeys, onKey, sendsOnEnter } from "../../chat/static/chat/js/keys.js";

const SCRIPTS = new URL("../../chat/static/chat/js/", import.meta.url);

class Field extends EventTarget {}
class TextArea extends EventTarget {}
Object.assign(globalThis, { HTMLInputElement: Field, HTMLTextAreaElement: TextArea, matchMedia: () => ({ matches: false }) });

/** @param {string} key @param {Partial<KeyboardEvent> & {isAltGraph?: boolean}} [more] */
function keydown(key, more = {}) {
  const event = new Event("keydown", { cancelable: true });
  const rest = { code: "", keyCode: 0, isComposing: false, repeat: false };
  const modifiers = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  const getModifierState = (/** @type {string} */ name) => name === "AltGraph" && more.isAltGraph === true;
  return Object.assign(event, { key, ...rest, ...modifiers, getModifierState, ...more });
}

/** @param {string} key @param {Partial<KeyboardEvent> & {isAltGraph?: boolean}} [more] @returns {Press | null} */
function press(key, more) {
  const field = new Field();
  /** @type {Press | null} */
  let told = null;
  onKey(field, (each) => (told = each));
  field.dispatchEvent(keydown(key, more));
  return told;
}

describe("a key", () => {
  it("of an input method is nobody's", () => {
    assert.equal(press("Enter", { isComposing: true }), null);
    assert.equal(press("Escape", { isComposing: true }), null);
    assert.equal(press("Enter", { keyCode: 229 }), null);
    assert.equal(press("Process", { code: "Enter" }), null);
    assert.equal(press("Dead", { code: "KeyE" }), null);
    assert.equal(press("Unidentified"), null);
  });

  it("that is a letter has the case that Shift gives it, whatever CapsLock says", () => {
    assert.equal(press("E")?.key, "e");
    assert.equal(press("e", { shiftKey: true })?.key, "E");
    assert.equal(press("E", { shiftKey: true })?.key, "E");
  });

  it("stands for the letter at its place where the keyboard writes another script", () => {
    for (const key of ["к", "К", "ρ", "ר", "ق", "พ", "ㄱ", "ा"]) {
      assert.equal(press(key, { code: "KeyR" })?.key, "r", key);
    }
    assert.equal(press("К", { code: "KeyR", shiftKey: true })?.key, "R");
    assert.equal(press("ж", { code: "Semicolon" })?.key, "ж");
  });

  it("is its own where the keyboard writes Latin letters elsewhere, or no letter", () => {
    assert.equal(press("a", { code: "KeyQ" })?.key, "a");
    assert.equal(press("é", { code: "KeyE" })?.key, "é");
    assert.equal(press("+", { code: "KeyR" })?.key, "+");
    assert.equal(press("Enter", { code: "Enter" })?.key, "Enter");
  });

  it("with AltGr writes a sign, and is no shortcut", () => {
    assert.equal(press("e")?.isPlain, true);
    assert.equal(press("€", { isAltGraph: true })?.isPlain, false);
    const onWindows = press("Enter", { ctrlKey: true, altKey: true });
    assert.deepEqual([onWindows?.isPlain, onWindows?.isCommand], [false, false]);
  });
});

describe("Enter", () => {
  const sends = (/** @type {Partial<KeyboardEvent>} */ more) => sendsOnEnter(/** @type {Press} */ (press("Enter", more)));

  it("sends alone and with Ctrl or Meta; with Shift or Alt it breaks the line", () => {
    assert.deepEqual([{}, { ctrlKey: true }, { metaKey: true }].map(sends), [true, true, true]);
    const others = [{ shiftKey: true }, { altKey: true }, { ctrlKey: true, shiftKey: true }, { ctrlKey: true, altKey: true }];
    assert.deepEqual(others.map(sends), [false, false, false, false]);
  });
});

describe("the guard of a page", () => {
  function guarded(page = new Field()) {
    guardKeys(page);
    const isKept = (/** @type {Event} */ event) => (page.dispatchEvent(event), event.defaultPrevented);
    return { page, isKept };
  }

  it("keeps an input method's Escape and Enter from dialogs, searches and forms", () => {
    const { isKept } = guarded();
    assert.equal(isKept(keydown("Escape", { isComposing: true })), true);
    assert.equal(isKept(keydown("Process", { code: "Escape", keyCode: 229 })), true);
    assert.equal(isKept(keydown("Enter", { keyCode: 229 })), true);
    assert.equal(isKept(keydown("a", { isComposing: true })), false);
    assert.equal(isKept(keydown("Escape")), false);
    assert.equal(isKept(keydown("Enter")), false);
  });

  it("lets no dialog be cancelled while something is composed", () => {
    const { page, isKept } = guarded();
    const cancel = () => new Event("cancel", { cancelable: true });
    assert.equal(isKept(cancel()), false);
    page.dispatchEvent(new Event("compositionstart"));
    assert.equal(isKept(cancel()), true);
    page.dispatchEvent(new Event("compositionend"));
    assert.equal(isKept(cancel()), false);
  });

  it("ends a held key where it began, but lets it travel", () => {
    const { isKept } = guarded(new TextArea());
    const elsewhere = { repeat: true, target: null };
    const from = (/** @type {string} */ key) => (isKept(keydown(key)), keydown(key, { repeat: true }));
    assert.equal(isKept(from("Enter")), false);
    const moved = keydown("Enter", { repeat: true });
    Object.defineProperty(moved, "target", { value: elsewhere });
    assert.equal(isKept(moved), true);
    const travels = keydown("ArrowDown", { repeat: true });
    Object.defineProperty(travels, "target", { value: elsewhere });
    assert.equal(isKept(travels), false);
  });
});

it("a held Enter breaks lines, but presses no button and sends no form twice", () => {
  const isKept = (/** @type {EventTarget} */ page) => {
    guardKeys(page);
    page.dispatchEvent(keydown("Enter"));
    const held = keydown("Enter", { repeat: true });
    page.dispatchEvent(held);
    return held.defaultPrevented;
  };
  assert.equal(isKept(new TextArea()), false);
  assert.equal(isKept(new Field()), true);
});

it("no other module listens to the keyboard, or reads what it says", () => {
  const own = /\bkey(?:down|up|press)\b|\bevent\.(?:key|code|keyCode)\b|\bisComposing\b|\bKeyboardEvent\b/;
  const names = readdirSync(SCRIPTS).filter((name) => name.endsWith(".js") && name !== "keys.js");
  const guilty = names.filter((name) => own.test(readFileSync(new URL(name, SCRIPTS), "utf8")));
  assert.deepEqual(guilty, []);
});
