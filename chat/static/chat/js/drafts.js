/** @import { Store } from "./types.js" */

const DAY = 24 * 60 * 60 * 1000;
const KEPT_FOR = 30 * DAY;
/** Where one cannot know which tabs live. */
const SILENT_FOR = 10 * 60 * 1000;
const PREFIX = "chat:draft:";

/** @typedef {{id: number, seq: number}} Reference */

/**
 * @typedef {object} Draft
 * @property {string} text
 * @property {Reference | null} reply The message that it answers.
 * @property {Reference | null} edits The message that it is to become.
 * @property {string} was Of an edit: the body that it began with.
 * @property {number} at When it last changed: milliseconds since 1970.
 * @property {boolean} open A page shows it, unless that page was ended by force.
 */

/** @typedef {{key: string, room: number, message: number | null, tab: string, draft: Draft}} Kept */

/**
 * What one person has typed in a room and not sent, tab by tab, in the browser's storage. Each tab has words of its
 * own. What a closed tab leaves behind belongs to the next one that opens the room.
 */
export class Drafts {
  #storage;
  #now;
  #prefix;
  #room;
  #tab;
  #isEnded = false;

  /**
   * @param {{storage: Store, now: () => number}} world
   * @param {{person: number, room: number, tab: string}} place
   */
  constructor({ storage, now }, { person, room, tab }) {
    this.#storage = storage;
    this.#now = now;
    this.#prefix = `${PREFIX}${person}:`;
    this.#room = room;
    this.#tab = tab;
    this.#sweep();
  }

  /** @param {number | null} message Being edited; null: what is being said. @returns {Draft | null} */
  get(message) {
    return parsed(this.#read(this.#keyOf(message)));
  }

  /** @param {number | null} message @param {Partial<Draft>} draft One that says nothing is forgotten. */
  save(message, draft) {
    if (this.#isEnded) return;
    const full = { text: "", reply: null, edits: null, was: "", ...draft, at: this.#now(), open: true };
    if (full.text.trim() || full.reply || full.edits) this.#write(this.#keyOf(message), full);
    else this.forget(message);
  }

  /** @param {number | null} message */
  forget(message) {
    this.#remove(this.#keyOf(message));
  }

  /** This tab's edits in the room, the latest first. @returns {Draft[]} */
  edits() {
    return this.#here().filter(({ message, tab }) => message !== null && tab === this.#tab).map(({ draft }) => draft);
  }

  /**
   * Takes over what closed tabs left behind in the room: their edits, and their words where this tab has none.
   * @param {Set<string> | null} [living] Names of the tabs that live; null: that cannot be known. Without it only
   *   what was left in good order is taken.
   */
  inherit(living) {
    for (const { key, message, tab, draft } of this.#here()) {
      if (tab === this.#tab || this.get(message) || !draft.text.trim()) continue;
      if (draft.open && this.#mayLive(tab, draft, living)) continue;
      if (this.#write(this.#keyOf(message), { ...draft, open: true })) this.#remove(key);
    }
  }

  /** @param {string} tab @param {Draft} draft @param {Set<string> | null | undefined} living */
  #mayLive(tab, { at }, living) {
    if (living === undefined) return true;
    return living ? living.has(tab) : this.#now() - at < SILENT_FOR;
  }

  /** @param {boolean} open Whether the page is there, or gone for now. */
  mark(open) {
    for (const { key, tab, draft } of this.#here()) if (tab === this.#tab) this.#write(key, { ...draft, open });
  }

  /** The person has signed out: nothing is kept any more. */
  end() {
    this.#isEnded = true;
  }

  /** @returns {Kept[]} The latest first. */
  #here() {
    const all = this.#all().filter(({ key, room }) => room === this.#room && key.startsWith(this.#prefix));
    return all.sort((one, other) => other.draft.at - one.draft.at);
  }

  #sweep() {
    for (const { key, draft } of this.#all()) if (this.#now() - draft.at > KEPT_FOR) this.#remove(key);
    // As they were kept before tabs had names.
    const key = `${this.#prefix}${this.#room}`;
    const text = this.#read(key);
    if (!text) return;
    const draft = { text, reply: null, edits: null, was: "", at: this.#now(), open: false };
    if (this.#write(`${key}:before`, draft)) this.#remove(key);
  }

  /** @returns {Kept[]} */
  #all() {
    return keysOf(this.#storage, PREFIX).flatMap((key) => {
      const [, room, message, tab] = /^chat:draft:\d+:(\d+)(?:\/(\d+))?:(.+)$/.exec(key) ?? [];
      const draft = tab ? parsed(this.#read(key)) : null;
      return draft ? [{ key, room: Number(room), message: message ? Number(message) : null, tab, draft }] : [];
    });
  }

  /** @param {number | null} message */
  #keyOf(message) {
    return `${this.#prefix}${this.#room}${message === null ? "" : `/${message}`}:${this.#tab}`;
  }

  /** @param {string} key */
  #read(key) {
    try {
      return this.#storage.getItem(key);
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {Draft} draft @returns {boolean} Whether there was room. */
  #write(key, draft) {
    try {
      this.#storage.setItem(key, JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} key */
  #remove(key) {
    try {
      this.#storage.removeItem(key);
    } catch {}
  }
}

/** @param {Store} storage @param {string} prefix @returns {string[]} */
export function keysOf(storage, prefix) {
  try {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    return keys.filter((key) => key !== null).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** @param {string | null} text @returns {Draft | null} */
function parsed(text) {
  try {
    const draft = JSON.parse(text ?? "null");
    return draft && typeof draft.text === "string" ? draft : null;
  } catch {
    return null;
  }
}
