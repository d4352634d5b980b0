const MOST_COUNTED = 1000;

/** @param {number} count The server stops counting at 1000. */
export function shortened(count) {
  return count >= MOST_COUNTED ? `${MOST_COUNTED - 1}+` : String(count);
}
