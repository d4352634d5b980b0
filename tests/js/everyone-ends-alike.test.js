/** @import { Person, Surroundings } from "../../chat/static/chat/js/types.js" */
/** @import { Timeline } from "../../chat/static/chat/js/timeline.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatClient } from "../../chat/static/chat/js/client.js";
import { FakeClock } from "./support/clock.js";
import { ModelServer } from "./support/server.js";
import { DrawnList } from "./support/shapes.js";
import { FakeStorage, seeded } from "./support/world.js";

const RUNS = 60;
const STEPS = 120;
const SHOWN = 1;
const UNSHOWN = 2;
const FAULTS = { lose: 0.15, repeat: 0.1, delay: 0.15, refuse: 0.1, mute: 0.02 };
const NO_FAULTS = { lose: 0, repeat: 0, delay: 0, refuse: 0, mute: 0 };

/** A browser tab: it can be reloaded, and remembers what its person wrote. */
class Tab {
  /** @type {ChatClient} */
  client;
  /** @type {Timeline} */
  timeline;
  /** @type {DrawnList} */
  list;
  /** @type {(() => void)[]} */
  #wakers = [];

  /** @param {ModelServer} server @param {Person} person @param {FakeStorage} browser */
  constructor(server, person, browser) {
    this.server = server;
    this.person = person;
    this.browser = browser;
    this.client = this.#newClient();
    this.timeline = this.#open();
    this.list = new DrawnList(this.timeline);
  }

  static #ids = 0;

  reload() {
    this.client.close();
    this.client = this.#newClient();
    this.timeline = this.#open();
    this.list = new DrawnList(this.timeline);
  }

  wake() {
    for (const waker of this.#wakers) waker();
  }

  #newClient() {
    this.#wakers = [];
    const { server, person } = this;
    /** @type {Surroundings} */
    const world = {
      openSocket: () => server.connect(person),
      isOffline: () => false,
      fetchPage: (room, query) => server.page(room, query),
      now: server.clock.now,
      setTimeout: server.clock.setTimeout,
      clearTimeout: server.clock.clearTimeout,
      random: server.random,
      newId: () => `id-${(Tab.#ids += 1)}`,
      onWake: (listener) => void this.#wakers.push(listener),
      onReturn: () => undefined,
      ...this.browser.tab(),
    };
    return new ChatClient(world, { person, build: "b1" });
  }

  #open() {
    const room = this.server.room(SHOWN);
    const info = this.server.infos(this.person.id).find(({ id }) => id === SHOWN);
    assert.ok(info);
    const messages = room.messages.slice(-6);
    const page = { messages, more_before: room.messages.length > 6, more_after: false, last_seq: room.last_seq, epoch: this.server.epoch };
    const timeline = this.client.open(info, page);
    this.client.connect();
    return timeline;
  }
}

/** @param {number} seed */
function aSite(seed) {
  const random = seeded(seed);
  const clock = new FakeClock();
  const server = new ModelServer(clock, random, [SHOWN, UNSHOWN]);
  const people = ["alice", "bob", "carol"].map((username, index) => ({ id: index + 1, username, name: "" }));
  const browsers = people.map(() => new FakeStorage());
  const tabs = [0, 0, 1, 2].map((who) => new Tab(server, people[who], browsers[who]));
  /** Bodies in the order of their writing, by tab and room. @type {Map<string, string[]>} */
  const written = new Map();
  return { random, clock, server, tabs, browsers, written };
}

/** @param {ReturnType<typeof aSite>} site @param {boolean} numbersMayBeTakenBack */
async function liveThroughAStep(site, numbersMayBeTakenBack) {
  const { random, clock, server, tabs } = site;
  const tab = tabs[Math.floor(random() * tabs.length)];
  const { client, timeline } = tab;
  const dice = random();
  if (dice < 0.4) write(site, tab, random() < 0.8 ? SHOWN : UNSHOWN);
  else if (dice < 0.65) changeSomething(site, tab);
  else if (dice < 0.7) client.markRead(SHOWN, timeline.messages.at(-1)?.seq ?? 0);
  else if (dice < 0.74) void timeline.loadOlder().catch(() => {});
  else if (dice < 0.78) void timeline.loadNewer().catch(() => {});
  else if (dice < 0.81) void timeline.loadAround(Math.ceil(random() * server.room(SHOWN).last_seq)).catch(() => {});
  else if (dice < 0.84) void timeline.loadNewest().catch(() => {});
  else if (dice < 0.9) [...server.sockets].find((socket) => socket.person === tab.person)?.cut();
  else if (dice < 0.91) server.cutAll();
  else if (dice < 0.93) tab.reload();
  else if (dice < 0.95) tab.wake();
  else if (dice < 0.955 && numbersMayBeTakenBack) server.takeBack(4);
  else client.markRead(UNSHOWN, client.timelines.get(UNSHOWN)?.lastSeq ?? 0);
  await clock.advance(random() < 0.9 ? random() * 400 : random() * 20_000);
}

/** @param {ReturnType<typeof aSite>} site @param {Tab} tab @param {number} room */
function write({ tabs, written }, tab, room) {
  const writer = `${tabs.indexOf(tab)} in ${room}`;
  const bodies = written.get(writer) ?? [];
  bodies.push(`${writer}: ${bodies.length}`);
  written.set(writer, bodies);
  tab.client.post(room, bodies[bodies.length - 1]);
}

/** @param {ReturnType<typeof aSite>} site @param {Tab} tab */
function changeSomething({ random }, { client, timeline }) {
  const message = timeline.messages[Math.floor(random() * timeline.messages.length)];
  if (!message) return;
  const dice = random();
  const done =
    dice < 0.5 ? client.edit(SHOWN, message.id, `${message.body}!`)
    : dice < 0.6 ? client.delete(SHOWN, message.id)
    : client.react(SHOWN, message.id, "👍", true);
  done.catch(() => {});
}

/** @param {ReturnType<typeof aSite>} site */
async function comeToRest({ server, clock }) {
  server.faults = NO_FAULTS;
  await clock.advance(300_000);
}

/** @param {ReturnType<typeof aSite>} site */
function assertEveryoneHoldsTheTruth({ server, tabs, browsers }) {
  const room = server.room(SHOWN);
  for (const { client, timeline, list, person } of tabs) {
    assert.equal(client.state.name, "online");
    assert.equal(timeline.lastSeq, room.last_seq);
    assert.deepEqual(timeline.messages, stretchOf(room.messages, timeline));
    assert.deepEqual(timeline.pending, []);
    assert.deepEqual(list.drawn, list.expected, "drawn by patches alone");
    assert.equal(timeline.loading, false);
    assert.equal(client.timelines.get(UNSHOWN)?.lastSeq, server.room(UNSHOWN).last_seq);
    for (const id of [SHOWN, UNSHOWN]) {
      assert.equal(client.timelines.get(id)?.unread, server.counts(person.id, server.room(id)).unread, `unread in ${id}`);
    }
  }
  assert.deepEqual(browsers.map((browser) => browser.keys), browsers.map(() => []));
}

/** The part of the log that a window should hold. @param {readonly import("../../chat/static/chat/js/types.js").Message[]} log @param {Timeline} timeline */
function stretchOf(log, { messages, moreBefore, moreAfter }) {
  assert.ok(messages.length || log.length === 0, "something is shown where there is something");
  const from = moreBefore ? messages[0].seq : 0;
  const to = moreAfter ? messages[messages.length - 1].seq : Infinity;
  return log.filter((message) => from <= message.seq && message.seq <= to);
}

/** @param {ReturnType<typeof aSite>} site */
function assertAllIsStoredOnceAndInOrder({ server, written }) {
  for (const [writer, bodies] of written) {
    const room = server.room(Number(writer.split(" in ")[1]));
    const stored = room.messages.map((message) => server.firstBodies.get(message.id) ?? "");
    assert.deepEqual(stored.filter((body) => body.startsWith(`${writer}:`)), bodies);
  }
}

describe("whatever is lost, repeated, delayed, refused or cut", () => {
  it("everyone ends with the same messages in the same order, and every post is stored once", async () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      await inRun(seed, async () => {
        const site = aSite(seed);
        site.server.faults = FAULTS;
        for (let step = 0; step < STEPS; step += 1) await liveThroughAStep(site, false);
        await comeToRest(site);
        assertEveryoneHoldsTheTruth(site);
        assertAllIsStoredOnceAndInOrder(site);
      });
    }
  });

  it("everyone ends alike even when numbers are taken back", async () => {
    for (let seed = 10_001; seed <= 10_000 + RUNS; seed += 1) {
      await inRun(seed, async () => {
        const site = aSite(seed);
        site.server.faults = FAULTS;
        for (let step = 0; step < STEPS; step += 1) await liveThroughAStep(site, true);
        await comeToRest(site);
        assertEveryoneHoldsTheTruth(site);
      });
    }
  });
});

/** @param {number} seed @param {() => Promise<void>} run */
async function inRun(seed, run) {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) error.message = `in the run of seed ${seed}: ${error.message}`;
    throw error;
  }
}
