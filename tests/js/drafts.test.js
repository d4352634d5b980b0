import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Drafts } from "../../chat/static/chat/js/drafts.js";
import { forgetPerson, signedOutKey, unsentOf } from "../../chat/static/chat/js/sign-out.js";
import { Tab } from "../../chat/static/chat/js/tab.js";
import { FakeWorld } from "./support/world.js";

const DAY = 24 * 60 * 60 * 1000;
const EDITS = { id: 31, seq: 4 };

/** @param {FakeWorld} world @param {string} tab @param {{person?: number, room?: number}} [where] */
function aTab(world, tab, { person = 1, room = 7 } = {}) {
  return new Drafts(world.surroundings(), { person, room, tab });
}

describe("a draft", () => {
  it("is kept by person, room and tab, and forgotten when it says nothing", () => {
    const world = new FakeWorld();
    aTab(world, "a").save(null, { text: "half a thou" });
    assert.equal(aTab(world, "a").get(null)?.text, "half a thou");
    for (const other of [aTab(world, "b"), aTab(world, "a", { room: 8 }), aTab(world, "a", { person: 2 })]) {
      assert.equal(other.get(null), null);
    }
    aTab(world, "a").save(null, { text: " \n" });
    assert.deepEqual(world.browser.keys, []);
  });

  it("knows what it answers, with words or without", () => {
    const world = new FakeWorld();
    aTab(world, "a").save(null, { text: "", reply: EDITS });
    assert.deepEqual(aTab(world, "a").get(null)?.reply, EDITS);
  });

  it("that is an edit stands beside what is being said, with the body it began with", () => {
    const world = new FakeWorld();
    const drafts = aTab(world, "a");
    drafts.save(31, { text: "", was: "teh cat", edits: EDITS });
    drafts.save(null, { text: "new" });
    assert.deepEqual(drafts.edits().map(({ text, was, edits }) => ({ text, was, edits })), [
      { text: "", was: "teh cat", edits: EDITS },
    ]);
    assert.equal(drafts.get(null)?.text, "new");
  });

  it("of a month ago goes, whosever it was", () => {
    const world = new FakeWorld();
    aTab(world, "a", { person: 2, room: 9 }).save(null, { text: "old" });
    void world.clock.advance(31 * DAY);
    return world.clock.settle().then(() => {
      aTab(world, "b");
      assert.deepEqual(world.browser.keys, []);
    });
  });

  it("as it was kept before tabs had names is still found", () => {
    const world = new FakeWorld();
    world.browser.tab().storage.setItem("chat:draft:1:7", "from before");
    const drafts = aTab(world, "a");
    drafts.inherit();
    assert.equal(drafts.get(null)?.text, "from before");
    assert.equal(world.browser.keys.length, 1);
  });

  it("that cannot be kept, or read, is in nobody's way", () => {
    const world = new FakeWorld();
    world.browser.tab().storage.setItem("chat:draft:1:7:x", "{");
    const refuse = () => {
      throw new Error("QuotaExceededError");
    };
    const storage = { length: 1, key: refuse, getItem: refuse, setItem: refuse, removeItem: refuse };
    for (const drafts of [aTab(world, "x"), new Drafts({ storage, now: () => 0 }, { person: 1, room: 7, tab: "a" })]) {
      drafts.save(31, { text: "x", edits: EDITS });
      drafts.forget(31);
      drafts.inherit(null);
      drafts.mark(false);
      assert.equal(drafts.get(null), null);
    }
  });
});

describe("what another tab of the room wrote", () => {
  it("is its own while it lives", () => {
    const world = new FakeWorld();
    aTab(world, "a").save(null, { text: "mine" });
    const other = aTab(world, "b");
    other.inherit();
    other.inherit(new Set(["a", "b"]));
    assert.equal(other.get(null), null);
    other.save(null, { text: "yours" });
    other.forget(null);
    assert.equal(aTab(world, "a").get(null)?.text, "mine");
  });

  it("is taken over once that has been closed, and then is nobody else's", () => {
    const world = new FakeWorld();
    const closed = aTab(world, "a");
    closed.save(null, { text: "left", reply: EDITS });
    closed.save(31, { text: "edit", edits: EDITS });
    closed.mark(false);
    const other = aTab(world, "b");
    other.inherit();
    assert.equal(other.get(null)?.text, "left");
    assert.equal(other.edits()[0].text, "edit");
    assert.equal(closed.get(null), null);
    const third = aTab(world, "c");
    third.inherit();
    assert.equal(third.get(null), null);
  });

  it("is taken over after a crash, when nobody holds it any more", () => {
    const world = new FakeWorld();
    aTab(world, "crashed").save(null, { text: "left" });
    const other = aTab(world, "b");
    other.inherit(new Set(["b"]));
    assert.equal(other.get(null)?.text, "left");
  });

  it("is taken over after ten silent minutes where a browser cannot tell who lives", async () => {
    const world = new FakeWorld();
    aTab(world, "a").save(null, { text: "left" });
    const other = aTab(world, "b");
    other.inherit(null);
    assert.equal(other.get(null), null);
    await world.clock.advance(11 * 60 * 1000);
    other.inherit(null);
    assert.equal(other.get(null)?.text, "left");
  });

  it("is not taken where there are words already, and only the latest is", () => {
    const world = new FakeWorld();
    for (const name of ["a", "b"]) {
      const closed = aTab(world, name);
      closed.save(null, { text: `left in ${name}` });
      closed.mark(false);
    }
    const own = aTab(world, "c");
    own.save(null, { text: "own" });
    own.inherit();
    assert.equal(own.get(null)?.text, "own");
    own.forget(null);
    own.inherit();
    assert.match(own.get(null)?.text ?? "", /left in/);
    assert.equal(world.browser.keys.length, 2);
  });
});

describe("a tab", () => {
  /** A browser's locks, as far as tabs use them. */
  function someLocks() {
    /** @type {Set<string>} */
    const names = new Set();
    const request = async (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ use) => {
      names.add(name);
      await use();
      names.delete(name);
    };
    const query = async () => ({ held: [...names].map((name) => ({ name })), pending: [] });
    return /** @type {any} */ ({ request, query });
  }

  /** @param {Map<string, string>} items */
  function session(items) {
    const getItem = (/** @type {string} */ key) => items.get(key) ?? null;
    const setItem = (/** @type {string} */ key, /** @type {string} */ value) => void items.set(key, value);
    return { getItem, setItem, removeItem: (/** @type {string} */ key) => void items.delete(key) };
  }

  /** @param {Map<string, string>} items @param {any} locks */
  function aNamedTab(items, locks = undefined) {
    return new Tab({ session: session(items), locks, newId: () => `tab-${Math.random()}` });
  }

  it("keeps its name over a reload, and gives none to its duplicate", () => {
    const items = new Map();
    const tab = aNamedTab(items);
    assert.notEqual(aNamedTab(new Map(items)).id, tab.id);
    tab.leave();
    assert.equal(aNamedTab(items).id, tab.id);
    assert.notEqual(aNamedTab(new Map(items)).id, tab.id);
  });

  it("lives until it is left, and again when it comes back", async () => {
    const locks = someLocks();
    const tab = aNamedTab(new Map(), locks);
    const seen = async () => {
      /** @type {any} */
      let all = null;
      await aNamedTab(new Map(), locks).withLiving((living) => (all = living));
      return all.has(tab.id);
    };
    assert.equal(await seen(), true);
    tab.leave();
    await new Promise(setImmediate);
    assert.equal(await seen(), false);
    tab.enter();
    assert.equal(await seen(), true);
  });

  it("says that it cannot know where a browser has no locks", async () => {
    /** @type {unknown} */
    let told = "nothing";
    await aNamedTab(new Map()).withLiving((living) => (told = living));
    assert.equal(told, null);
  });
});

describe("signing out", () => {
  it("names what is not sent, of all tabs and rooms", () => {
    const world = new FakeWorld();
    const { storage } = world.browser.tab();
    aTab(world, "a").save(null, { text: "a draft" });
    aTab(world, "b", { room: 8 }).save(31, { text: "an edit", edits: EDITS });
    aTab(world, "c").save(null, { reply: EDITS });
    aTab(world, "a", { person: 2 }).save(null, { text: "another's" });
    storage.setItem("chat:outbox:1:id-1", JSON.stringify({ body: "a post" }));
    storage.setItem("chat:draft:1:9", "of old");
    assert.deepEqual(unsentOf(storage, 1).sort(), ["a draft", "a post", "an edit", "of old"]);
  });

  it("leaves nothing of the person, and all of the others", () => {
    const world = new FakeWorld();
    const { storage } = world.browser.tab();
    aTab(world, "a").save(null, { text: "mine" });
    storage.setItem("chat:outbox:1:id-1", "{}");
    storage.setItem("chat:draft:1:9", "of old");
    aTab(world, "a", { person: 12 }).save(null, { text: "another's" });
    forgetPerson(storage, 1);
    assert.deepEqual(world.browser.keys, ["chat:draft:12:7:a"]);
  });

  it("is heard by the person's other tabs, which keep nothing from then on", () => {
    const world = new FakeWorld();
    /** @type {(string | null)[]} */
    const heard = [];
    world.surroundings().onStorage(({ key, newValue }) => newValue && heard.push(key));
    forgetPerson(world.browser.tab().storage, 1);
    assert.deepEqual(heard, [signedOutKey(1)]);
    const drafts = aTab(world, "a");
    drafts.end();
    drafts.save(null, { text: "late" });
    assert.deepEqual(world.browser.keys, []);
  });
});
