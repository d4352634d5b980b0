import { say } from "./words.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** Shows a moment in the reader's zone. @param {HTMLElement} time A `<time>`. @param {Date} moment */
export function showTime(time, moment) {
  time.setAttribute("datetime", moment.toISOString());
  time.title = full.format(moment);
  time.replaceChildren(...clock.formatToParts(moment).map(timePart));
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
  return (moment.getFullYear() === now.getFullYear() ? day : dayOfYear).format(moment);
}
