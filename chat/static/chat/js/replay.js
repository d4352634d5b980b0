/** @import { Reset, Synced } from "./types.js" */

const MOST_REPLAYED = 500;

/** @param {number} behind How many changes are missing. */
export function isTooMuchToReplay(behind) {
  return behind > MOST_REPLAYED;
}

/**
 * Asks for the changes after a number until there are no more.
 * @param {number} after
 * @param {(after: number) => Promise<Synced | Reset>} sync
 * @param {(answer: Synced, after: number, reached: number) => boolean} take Takes in the changes after `after` up to
 *   `reached`; false: stop asking.
 * @returns {Promise<Reset | "too much" | "done">}
 */
export async function replay(after, sync, take) {
  for (;;) {
    const answer = await sync(after);
    if (answer.type === "reset") return answer;
    const reached = numberReached(answer, after);
    if (!take(answer, after, reached) || !answer.more || reached <= after) return "done";
    if (isTooMuchToReplay(answer.last_seq - reached)) return "too much";
    after = reached;
  }
}

/** @param {Synced} answer @param {number} after */
function numberReached({ messages, more, last_seq }, after) {
  if (!more) return last_seq;
  return messages.length ? messages[messages.length - 1].changed_seq : after;
}
