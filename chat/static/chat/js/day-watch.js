import { followZone } from "./local-time.js";

/** A clock that was set, or slept, is found out within this time. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Calls when the reader's day has become another: at midnight, after sleep, in another time zone.
 * @param {(isElsewhere: boolean) => void} listener Told whether the time zone is another.
 */
export function onNewDay(listener) {
  let day = new Date().toDateString();
  /** @type {any} */
  let timer = null;

  function look() {
    const isElsewhere = followZone();
    const today = new Date().toDateString();
    if (isElsewhere || today !== day) listener(isElsewhere);
    day = today;
    clearTimeout(timer);
    timer = setTimeout(look, Math.min(LONGEST_WAIT_MS, untilMidnight(new Date())));
  }

  window.addEventListener("pageshow", look);
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  look();
}

/** @param {Date} now @returns {number} Milliseconds. */
function untilMidnight(now) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime() + 1;
}
