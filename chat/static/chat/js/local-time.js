import { setNodes } from "./in-place.js";
import { say } from "./words.js";

/** In the zone in which the page was when they were made. */
let formats = newFormats();

function newFormats() {
  return {
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    clock: new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }),
    full: new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" }),
    day: new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" }),
    dayOfYear: new Intl.DateTimeFormat(undefined, { dateStyle: "long" }),
  };
}

/** @returns {boolean} Whether the reader has come into another time zone: then every time is to be shown anew. */
export function followZone() {
  const now = newFormats();
  if (now.zone === formats.zone) return false;
  formats = now;
  return true;
}

/** Shows a moment in the reader's zone. @param {HTMLElement} time A `<time>`. @param {Date} moment */
export function showTime(time, moment) {
  const shown = `${moment.toISOString()} ${formats.zone}`;
  if (time.dataset.shown === shown) return;
  time.dataset.shown = shown;
  time.setAttribute("datetime", moment.toISOString());
  time.title = formats.full.format(moment);
  setNodes(time, formats.clock.formatToParts(moment).map(timePart));
}

/** "AM" apart, so that a narrow column can leave it out. @param {Intl.DateTimeFormatPart} part */
function timePart({ type, value }) {
  if (type !== "dayPeriod") return value;
  const span = document.createElement("span");
  span.className = "time-period";
  span.textContent = value;
  return span;
}

/** @param {Date} moment @returns {string} The same for two moments of one day of the reader's. */
export function dayKey(moment) {
  return `${moment.getFullYear()}-${moment.getMonth() + 1}-${moment.getDate()}`;
}

/** @param {Date} moment @param {Date} [now] */
export function dayName(moment, now = new Date()) {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (dayKey(moment) === dayKey(now)) return say("today");
  if (dayKey(moment) === dayKey(yesterday)) return say("yesterday");
  return (moment.getFullYear() === now.getFullYear() ? formats.day : formats.dayOfYear).format(moment);
}
