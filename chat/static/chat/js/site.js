// On every page: what the keyboard and signing out need wherever one is.

import { storageOrNothing } from "./browser-surroundings.js";
import { guardKeys } from "./keys.js";
import { forgetPerson, unsentOf } from "./sign-out.js";

const EXCERPTS = 5;
const SIGNED_OUT = /(?:^|; )signed-out=(\d+)/;

const storage = storageOrNothing();
const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("sign-out-dialog"));

guardKeys(document);
forgetWhoSignedOut();
if (dialog) askBeforeSigningOut(dialog);

/** The server says by a cookie who has signed out since the last page. */
function forgetWhoSignedOut() {
  const person = SIGNED_OUT.exec(document.cookie)?.[1];
  if (!person) return;
  forgetPerson(storage, Number(person));
  document.cookie = "signed-out=; path=/; max-age=0; samesite=lax";
}

/** @param {HTMLDialogElement} dialog */
function askBeforeSigningOut(dialog) {
  /** @type {HTMLFormElement | null} */
  let leaving = null;
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.method !== "post" || !/\/logout\/$/.test(new URL(form.action, location.href).pathname)) return;
    const unsent = unsentHere(Number(dialog.dataset.account));
    if (!unsent.length) return;
    event.preventDefault();
    leaving = form;
    list(dialog, unsent);
    dialog.returnValue = "no";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && leaving?.submit());
}

/** Kept, or on this page only where nothing can be kept. @param {number} person @returns {string[]} */
function unsentHere(person) {
  const kept = unsentOf(storage, person);
  const text = document.getElementById("composer-text");
  const typed = text instanceof HTMLTextAreaElement ? text.value : "";
  return typed.trim() && !kept.includes(typed) ? [...kept, typed] : kept;
}

/** @param {HTMLDialogElement} dialog @param {string[]} unsent */
function list(dialog, unsent) {
  const items = unsent.slice(0, EXCERPTS).map((text) => Object.assign(document.createElement("li"), { textContent: text, dir: "auto" }));
  dialog.querySelector("ul")?.replaceChildren(...items);
  const more = /** @type {HTMLElement} */ (dialog.querySelector("[data-slot=more]"));
  more.hidden = unsent.length <= EXCERPTS;
  more.textContent = (more.dataset.text ?? "").replace("{count}", String(unsent.length - EXCERPTS));
}
