import { setText } from "./in-place.js";

const BLOCKS = "p, div, li, ul, ol, pre, blockquote, table, tr, h1, h2, h3, h4, h5, h6";
const NOT_SAID = "button, .visually-hidden, [aria-hidden=true]";

/**
 * What is copied out of the log: who said what and when, in order. Of one message, just its words.
 * @param {HTMLElement} log
 */
export function copyAsTalk(log) {
  document.addEventListener("copy", (event) => {
    const range = selectedRange();
    if (!range || !event.clipboardData || !range.intersectsNode(log) || isWithinOneBody(range)) return;
    const said = saidIn(log, range);
    if (said.length === 0) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", said.map(({ text }) => text).join("\n\n"));
    event.clipboardData.setData("text/html", said.map(({ html }) => html).join("\n"));
  });
}

function selectedRange() {
  const selection = getSelection();
  return selection && selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
}

/** @param {Range} range */
function isWithinOneBody({ commonAncestorContainer: node }) {
  const holder = node instanceof Element ? node : node.parentElement;
  return holder === null || holder.closest(".message-body, textarea, input") !== null;
}

/** @typedef {{text: string, html: string}} Said */

/** @param {HTMLElement} log @param {Range} range @returns {Said[]} */
function saidIn(log, range) {
  const lines = [...log.querySelectorAll(":scope > .message, :scope > .day-line")].filter((line) => range.intersectsNode(line));
  const parts = lines.map((line) => ({ line, words: wordsIn(line, range) })).filter(({ line, words }) => words || !isMessage(line));
  const messages = parts.filter(({ line }) => isMessage(line));
  const [only] = messages;
  if (messages.length === 1 && !nameIsIn(only.line, range)) return only.words ? [justWords(only.words)] : [];
  return messages.length ? parts.map(({ line, words }) => (words ? message(line, words) : day(line))) : [];
}

/** @param {Element} line */
function isMessage(line) {
  return line.matches(".message");
}

/** @param {Element} line @param {Range} range @returns {DocumentFragment | null} What is selected of a message's words. */
function wordsIn(line, range) {
  const body = line.querySelector(":scope > .message-body");
  if (!body || !range.intersectsNode(body)) return null;
  const part = document.createRange();
  part.selectNodeContents(body);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  const words = part.cloneContents();
  for (const tool of words.querySelectorAll(NOT_SAID)) tool.remove();
  return words.textContent?.trim() ? words : null;
}

/** @param {Element} line @param {Range} range */
function nameIsIn(line, range) {
  const name = line.querySelector(":scope > .message-author");
  return name !== null && range.comparePoint(name, 0) === 0;
}

/** @param {DocumentFragment} words @returns {Said} */
function justWords(words) {
  return { text: plain(words), html: htmlOf(words) };
}

/** @param {Element} line @param {DocumentFragment} words @returns {Said} */
function message(line, words) {
  const name = line.querySelector(":scope > .message-author")?.textContent ?? "";
  const time = line.querySelector(".message-time time")?.textContent ?? "";
  const head = document.createElement("p");
  const strong = document.createElement("strong");
  setText(strong, name);
  head.append(strong, `, ${time}`);
  return { text: `${name}, ${time}\n${plain(words)}`, html: `${head.outerHTML}\n${htmlOf(words)}` };
}

/** @param {Element} line @returns {Said} */
function day(line) {
  const title = document.createElement("h2");
  setText(title, line.textContent?.trim() ?? "");
  return { text: title.textContent ?? "", html: title.outerHTML };
}

/** @param {DocumentFragment} words */
function htmlOf(words) {
  const holder = document.createElement("div");
  holder.append(words.cloneNode(true));
  return holder.innerHTML.trim();
}

/** @param {DocumentFragment} words */
function plain(words) {
  return textOf(words).replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

/** As it is shown: a line break of the source is none. @param {Text} node */
function textIn(node) {
  if (node.parentElement?.closest("pre")) return node.data;
  const text = node.data.replace(/\s+/g, " ");
  return node.previousSibling?.nodeName === "BR" ? text.trimStart() : text;
}

/** @param {Node} node @returns {string} */
function textOf(node) {
  if (node instanceof Text) return textIn(node);
  const text = [...node.childNodes].map(textOf).join("");
  if (!(node instanceof Element)) return text;
  if (node.matches("br")) return "\n";
  if (node.matches("td, th")) return `${text.trim()}\t`;
  return node.matches(BLOCKS) ? `\n${node.matches("pre") ? text : text.trim()}\n` : text;
}
