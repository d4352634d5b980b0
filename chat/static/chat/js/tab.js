const KEY = "chat:tab";
const NAME = "chat:tab:";
const TURN = "chat:tabs";

/**
 * What a tab needs of the browser. `locks` is missing where a page comes over plain http from another machine.
 * @typedef {object} TabSurroundings
 * @property {Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem"> | null} session
 * @property {Pick<LockManager, "request" | "query"> | undefined} locks
 * @property {() => string} newId
 */

/**
 * Which tab this is, and which others live. The name lies in the tab's storage only between two pages: a tab that
 * is duplicated takes a copy of that storage along, and must not take the name. A lock goes with the page, however
 * it ends.
 */
export class Tab {
  #world;
  #id;
  /** @type {() => void} */
  #letGo = () => {};

  /** @param {TabSurroundings} world */
  constructor(world) {
    this.#world = world;
    this.#id = this.#remembered() ?? world.newId();
    this.enter();
  }

  get id() {
    return this.#id;
  }

  /** The page is there, or there again. */
  enter() {
    this.#remember(null);
    const held = new Promise((resolve) => (this.#letGo = () => resolve(null)));
    this.#world.locks?.request(NAME + this.#id, () => held).catch(() => {});
  }

  /** The page goes. */
  leave() {
    this.#remember(this.#id);
    this.#letGo();
  }

  /**
   * Tells which tabs live, to one tab at a time.
   * @param {(living: Set<string> | null) => void} use Null: it cannot be known.
   */
  async withLiving(use) {
    const { locks } = this.#world;
    if (!locks) return use(null);
    await locks.request(TURN, async () => use(await this.#living(locks))).catch(() => {});
  }

  /** @param {Pick<LockManager, "query">} locks */
  async #living(locks) {
    const { held = [], pending = [] } = await locks.query();
    const names = [...held, ...pending].map(({ name }) => name ?? "").filter((name) => name.startsWith(NAME));
    return new Set(names.map((name) => name.slice(NAME.length)));
  }

  #remembered() {
    try {
      return this.#world.session?.getItem(KEY) ?? null;
    } catch {
      return null;
    }
  }

  /** @param {string | null} id */
  #remember(id) {
    try {
      if (id === null) this.#world.session?.removeItem(KEY);
      else this.#world.session?.setItem(KEY, id);
    } catch {}
  }
}
