import { say } from "./words.js";

let counted = 0;

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) markIfWide(/** @type {HTMLElement} */ (target));
});

/** Lets a table scroll in a frame of its own, by keys too where it is wider than its place. @param {HTMLTableElement} table */
export function makeReachable(table) {
  if (table.parentElement?.matches(".table-frame")) return;
  const frame = document.createElement("div");
  frame.className = "table-frame";
  table.replaceWith(frame);
  frame.append(table);
  resized.observe(frame);
}

/** @param {HTMLElement} frame */
function markIfWide(frame) {
  if (frame.scrollWidth > frame.clientWidth) mark(frame);
  else for (const name of ["role", "tabindex", "aria-label", "aria-labelledby"]) frame.removeAttribute(name);
}

/** @param {HTMLElement} frame */
function mark(frame) {
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  const head = frame.querySelector("thead");
  // Its own headings name it: a label would be read in place of the cells where the message is read out.
  if (!head?.textContent?.trim()) return frame.setAttribute("aria-label", say("table"));
  head.id ||= `table-head-${(counted += 1)}`;
  frame.setAttribute("aria-labelledby", head.id);
}
