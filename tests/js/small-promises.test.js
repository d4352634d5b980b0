/** @import { Message } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatClient } from "../../chat/static/chat/js/client.js";
import { Outbox } from "../../chat/static/chat/js/outbox.js";
import { Quotes } from "../../chat/static/chat/js/quotes.js";
import { Timeline } from "../../chat/static/chat/js/timeline.js";
import { FakeClock } from "./support/clock.js";
import { ALICE, hello, page, post, posts, room, told } from "./support/shapes.js";
import { FakeWorld } from "./support/world.js";

// What could be broken without a failing test, once.

/** @param {number} count @param {number} [first] */
function aTimelineOf(count, first = 1) {
  const clock = new FakeClock();
  const world = {
    setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, random: () => 0.5,
    fetchPage: () => new Promise(() => {}), sync: () => new Promise(() => {}),
  };
  const last = first + count - 1;
  const timeline = new Timeline(room({ last_seq: last, read_seq: first - 1, unread: count }), ALICE.id, /** @type {any} */ (world));
  timeline.open(page(posts(first, last), { more_before: first > 1 }));
  return { timeline, clock };
}

/** @param {Timeline} timeline */
function told_(timeline) {
  let times = 0;
  timeline.on("numbers", () => (times += 1));
  return () => times;
}

describe("a page that is closed", () => {
  it("leaves its connection and does not come back", async () => {
    const world = new FakeWorld();
    const client = new ChatClient(world.surroundings(), { person: ALICE, build: "b1" });
    client.connect();
    world.socket.deliver(hello());
    client.close();
    assert.ok(world.socket.isClosed);
    assert.equal(client.state.name, "closed");
    await world.clock.advance(600_000);
    assert.equal(world.sockets.length, 1);
  });
});

describe("a pending post", () => {
  it("bears the time of its making, each a later one than the one before", async () => {
    const world = new FakeWorld();
    const outbox = new Outbox(ALICE.id, world.surroundings(), () => new Promise(() => {}));
    const now = world.clock.now();
    const times = [1, 2, 3].map(() => outbox.add(7, "hello", null).created_at);
    assert.deepEqual(times, [now, now + 1, now + 2]);
    await world.clock.advance(60_000);
    assert.equal(outbox.add(7, "later", null).created_at, now + 60_000);
  });
});

describe("the numbers are told", () => {
  it("when the line moves", async () => {
    const { timeline, clock } = aTimelineOf(3);
    await clock.settle();
    timeline.markRead(2);
    await clock.settle();
    const times = told_(timeline);
    assert.equal(timeline.firstNew?.seq, 1);
    timeline.moveLine();
    await clock.settle();
    assert.equal(timeline.firstNew?.seq, 3);
    assert.equal(times(), 1);
    timeline.moveLine(3);
    assert.equal(timeline.firstNew, null);
  });

  it("when another tab has read", async () => {
    const { timeline, clock } = aTimelineOf(3);
    await clock.settle();
    const times = told_(timeline);
    timeline.takeMark({ type: "read", room: 7, seq: 3, unread: 0, mentions: 0 });
    await clock.settle();
    assert.equal(timeline.unread, 0);
    assert.equal(times(), 1);
  });

  it("when somebody's eyes come to what is new, and leave it", async () => {
    const { timeline, clock } = aTimelineOf(3);
    await clock.settle();
    const times = told_(timeline);
    timeline.watch(2);
    await clock.settle();
    assert.equal(timeline.unread, 1);
    timeline.watch(0);
    await clock.settle();
    assert.equal(timeline.unread, 3);
    assert.equal(times(), 2);
  });
});

describe("a window that grew too long", () => {
  /** @param {Timeline} timeline */
  const span = ({ messages }) => [messages[0].seq, messages[messages.length - 1].seq];

  it("keeps what is near while hundreds speak, wherever that is", () => {
    for (const near of [{ from: 380, to: 440 }, { from: 250, to: 300 }, { from: 120, to: 180 }]) {
      const { timeline } = aTimelineOf(450);
      timeline.viewing = near.to;
      timeline.near = near;
      for (let seq = 451; seq <= 2000; seq += 1) {
        timeline.apply(told(post(seq)));
        const [first, last] = span(timeline);
        assert.ok(first <= near.from && last >= near.to, `${first}–${last} at ${seq}`);
        assert.ok(timeline.messages.length <= 500);
      }
    }
  });

  it("is cut at the end that is farther: who reads near the newest goes on hearing them", () => {
    const { timeline } = aTimelineOf(450);
    timeline.viewing = 440;
    timeline.near = { from: 400, to: 445 };
    for (let seq = 451; seq <= 501; seq += 1) timeline.apply(told(post(seq)));
    assert.deepEqual(span(timeline), [102, 501]);
    assert.equal(timeline.moreAfter, false);
  });

  it("keeps what is near even where that is more than it would hold", () => {
    for (const near of [{ from: 5, to: 480 }, { from: 60, to: 488 }]) {
      const { timeline } = aTimelineOf(490);
      timeline.viewing = 300;
      timeline.near = near;
      for (let seq = 491; seq <= 800; seq += 1) timeline.apply(told(post(seq)));
      const [first, last] = span(timeline);
      assert.ok(first <= near.from && last >= near.to, `${first}–${last}`);
    }
  });
});

describe("what lies before a place is read", () => {
  it("unless something unread stands there, or may", () => {
    const { timeline } = aTimelineOf(10, 51);
    assert.equal(timeline.isReadBefore(51), true);
    assert.equal(timeline.isReadBefore(53), false);
    timeline.markRead(52);
    assert.equal(timeline.isReadBefore(53), true);
    const later = aTimelineOf(10, 51).timeline;
    later.open(page(posts(70, 80), { more_before: true }));
    assert.equal(later.isReadBefore(70), false);
  });
});

describe("a quote", () => {
  /** @param {Message} state @param {number} changed_seq */
  const deleted = (state, changed_seq) => ({ ...state, changed_seq, deleted: true, html: "" });

  it("of what was fetched is the latest state that was heard of, also while it was on its way", async () => {
    /** @type {(page: import("../../chat/static/chat/js/types.js").Page) => void} */
    let answer = () => {};
    const quotes = new Quotes(() => null, () => new Promise((resolve) => (answer = resolve)));
    const said = post(1);
    const fetched = quotes.fetch({ id: said.id, seq: 1 });
    quotes.take(deleted(said, 9));
    answer(page([said]));
    assert.equal((await fetched)?.deleted, true);
    assert.equal(quotes.here(said)?.deleted, true);
    quotes.take(said);
    assert.equal(quotes.here(said)?.deleted, true, "an older state");
  });

  it("is fetched anew after what may have been missed", async () => {
    let fetches = 0;
    const quotes = new Quotes(() => null, () => ((fetches += 1), Promise.resolve(page([post(1)]))));
    for (let time = 0; time < 2; time += 1) {
      await quotes.fetch({ id: 101, seq: 1 });
      await quotes.fetch({ id: 101, seq: 1 });
      quotes.forget();
    }
    assert.equal(fetches, 2);
  });
});
