/** @import { PageQuery, Store, Surroundings } from "./types.js" */
import { Tab } from "./tab.js";

/** What the rules need, from the browser. @returns {Surroundings} */
export function browserSurroundings() {
  return {
    openSocket: (knownNames) => new WebSocket(socketAddress(knownNames)),
    isOffline: () => !navigator.onLine,
    fetchPage,
    now: () => Date.now(),
    setTimeout: (callback, milliseconds) => window.setTimeout(callback, milliseconds),
    clearTimeout: (timer) => window.clearTimeout(timer),
    random: () => Math.random(),
    newId,
    storage: storageOrNothing(),
    onWake,
    onReturn,
    onStorage: (listener) => window.addEventListener("storage", listener),
  };
}

export function browserTab() {
  return new Tab({ session: sessionOrNothing(), locks: navigator.locks, newId });
}

function sessionOrNothing() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** @param {number | null} knownNames */
function socketAddress(knownNames) {
  const address = new URL("/ws/chat/?protocol=1", location.href);
  if (knownNames !== null) address.searchParams.set("people", String(knownNames));
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/** @param {number} room @param {PageQuery} query */
async function fetchPage(room, query) {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`/api/rooms/${room}/messages?${parameters}`);
  if (!response.ok) throw new Error(`The page of messages came with status ${response.status}.`);
  return response.json();
}

/** `crypto.randomUUID` is missing where a page comes over plain http from another machine. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reading `localStorage` throws where the person forbids it, or it is null. @returns {Store} */
export function storageOrNothing() {
  const nothing = { length: 0, key: () => null, getItem: () => null, setItem() {}, removeItem() {} };
  try {
    return window.localStorage ?? nothing;
  } catch {
    return nothing;
  }
}

/** @param {() => void} listener */
function onWake(listener) {
  // The browser guesses either way; the socket is asked at once.
  for (const guess of ["online", "offline"]) window.addEventListener(guess, listener);
  onShown(listener);
}

/** @param {() => void} listener */
function onReturn(listener) {
  onShown(listener);
  window.addEventListener("focus", listener);
}

/** @param {() => void} listener */
function onShown(listener) {
  window.addEventListener("pageshow", (event) => event.persisted && listener());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && listener());
}
