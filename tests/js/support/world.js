/** @import { Socket, Surroundings } from "../../../chat/static/chat/js/types.js" */
import { FakeClock } from "./clock.js";

/** The same numbers for the same seed (mulberry32). @param {number} seed @returns {() => number} */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One browser's storage; each tab has its own door to it, and hears of what the others change. */
export class FakeStorage {
  /** @type {Map<string, string>} */
  #items = new Map();
  /** @type {{tab: object, listener: (event: {key: string, newValue: string | null}) => void}[]} */
  #listeners = [];

  get keys() {
    return [...this.#items.keys()];
  }

  /** @returns {Pick<Surroundings, "storage" | "onStorage">} */
  tab() {
    const items = this.#items;
    const tab = {
      get length() {
        return items.size;
      },
      /** @param {number} index */
      key: (index) => [...items.keys()][index] ?? null,
      /** @param {string} key */
      getItem: (key) => items.get(key) ?? null,
      /** @param {string} key @param {string} value */
      setItem: (key, value) => this.#change(tab, key, value),
      /** @param {string} key */
      removeItem: (key) => this.#change(tab, key, null),
    };
    return { storage: tab, onStorage: (listener) => void this.#listeners.push({ tab, listener }) };
  }

  /** @param {object} tab @param {string} key @param {string | null} newValue */
  #change(tab, key, newValue) {
    if (newValue === null) this.#items.delete(key);
    else this.#items.set(key, newValue);
    for (const other of this.#listeners) if (other.tab !== tab) other.listener({ key, newValue });
  }
}

/** A socket whose other end is the test. @implements {Socket} */
export class FakeSocket {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** @type {any[]} */
  sent = [];
  isClosed = false;

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  /** One frame. @param {object[]} events */
  deliver(...events) {
    this.onmessage?.({ data: JSON.stringify(events) });
  }

  /** @param {number} code */
  fall(code) {
    this.onclose?.({ code });
  }

  /** Answers the last command of a type. @param {string} type @param {object} answer */
  answer(type, answer) {
    this.deliver({ ref: this.last(type)?.ref, ...answer });
  }

  /** @param {string} type */
  all(type) {
    return this.sent.filter((command) => command.type === type);
  }

  /** @param {string} type */
  last(type) {
    return this.all(type).at(-1);
  }
}

/** A world in which the test plays time, chance, network and the other end. */
export class FakeWorld {
  clock = new FakeClock();
  /** @type {FakeSocket[]} */
  sockets = [];
  browser = new FakeStorage();
  /** @type {() => number} */
  chance = () => 0.5;
  /** @type {Surroundings["fetchPage"]} */
  fetchPage = () => Promise.reject(new Error("no page was expected"));
  /** @type {(() => void)[]} */
  #wakers = [];
  /** @type {(() => void)[]} */
  #returners = [];
  #ids = 0;

  isOffline = false;
  /** With what each socket was opened. @type {(number | null)[]} */
  knownNames = [];

  /** @returns {Surroundings} */
  surroundings() {
    return {
      openSocket: (knownNames) => (this.knownNames.push(knownNames), this.#openSocket()),
      isOffline: () => this.isOffline,
      fetchPage: (room, query) => this.fetchPage(room, query),
      now: this.clock.now,
      setTimeout: this.clock.setTimeout,
      clearTimeout: this.clock.clearTimeout,
      random: () => this.chance(),
      newId: () => `id-${(this.#ids += 1)}`,
      onWake: (listener) => void this.#wakers.push(listener),
      onReturn: (listener) => void this.#returners.push(listener),
      ...this.browser.tab(),
    };
  }

  wake() {
    for (const waker of this.#wakers) waker();
  }

  /** The person is back at this tab. */
  return() {
    this.wake();
    for (const returner of this.#returners) returner();
  }

  /** The newest. */
  get socket() {
    return /** @type {FakeSocket} */ (this.sockets.at(-1));
  }

  #openSocket() {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }
}
