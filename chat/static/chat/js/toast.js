import { element } from "./dom.js";

const SHOWN_FOR = 5000;

/** @type {any} */
let timer = null;

/** Says something in passing. @param {string} text */
export function toast(text) {
  const line = element("toast");
  line.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => line.replaceChildren(), SHOWN_FOR);
}
