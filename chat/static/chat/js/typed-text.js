// What is sent of what was typed, and how much it is: counted as the server counts, in code points.

const LONE_SURROGATE = /\p{Surrogate}/gu;
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;
const BLANK_LINES_AT_START = /^(?:[^\S\n]*\n)+/;
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Without blank lines before and blanks after; the first line keeps its indentation. Half an emoji, which no
 * server can read, becomes U+FFFD.
 * @param {string} text
 */
export function asSent(text) {
  return text.replace(BLANK_LINES_AT_START, "").trimEnd().replace(LONE_SURROGATE, "\ufffd");
}

/** @param {string} text @returns {number} Code points. */
export function lengthOf(text) {
  return text.length - (text.match(PAIR)?.length ?? 0);
}

/** Whether nothing of it can be seen. @param {string} text */
export function isBlank(text) {
  return !VISIBLE.test(text);
}
