/** Letters that run from right to left, and the characters that nobody sees but that turn the text around them. */
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const BEGINS = /[\u2066-\u2068]/;
const FIRST_STRONG_ISOLATE = "\u2068";
const END_OF_ISOLATE = "\u2069";

/**
 * Somebody's words for the middle of a sentence, which they cannot turn: where there is no element around them to
 * isolate them. The same as `templatetags/bidi.py`.
 * @param {string} text
 */
export function isolated(text) {
  return TURNS.test(text) ? FIRST_STRONG_ISOLATE + balanced(text) + END_OF_ISOLATE : text;
}

/** Each isolate ends, and none that did not begin in here. @param {string} text */
function balanced(text) {
  let open = 0;
  let kept = "";
  for (const character of text) {
    if (character === END_OF_ISOLATE && open === 0) continue;
    if (character === END_OF_ISOLATE) open -= 1;
    if (BEGINS.test(character)) open += 1;
    kept += character;
  }
  return kept + END_OF_ISOLATE.repeat(open);
}
