/** @import { Surroundings } from "./types.js" */

const SHORTEST_CEILING = 500;
const LONGEST = 30_000;

/**
 * How long to wait before the next try: anything up to a ceiling that doubles with every failure, so that
 * those who failed together do not come back together.
 * @param {number} failures How many came before this one.
 * @param {() => number} random
 * @param {number} [longest] Milliseconds.
 * @returns {number} Milliseconds, at most `longest`.
 */
export function growingPause(failures, random, longest = LONGEST) {
  return random() * Math.min(longest, SHORTEST_CEILING * 2 ** failures);
}

/**
 * @param {Pick<Surroundings, "setTimeout">} clock
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
export function pause(clock, milliseconds) {
  return new Promise((resolve) => clock.setTimeout(resolve, milliseconds));
}
