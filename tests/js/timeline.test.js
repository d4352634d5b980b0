/** @import { Page, PageQuery, Reset, RoomInfo, SyncCommand, Synced } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Timeline } from "../../chat/static/chat/js/timeline.js";
import { FakeClock } from "./support/clock.js";
import { ALICE, BOB, DrawnList, EPOCH, page, post, posts, room, told } from "./support/shapes.js";

/** A room whose other end is the test. @param {Partial<RoomInfo>} info @param {Page | null} first */
function aTimeline(info = {}, first = null) {
  const clock = new FakeClock();
  /** @type {{command: SyncCommand, answer: (answer: Partial<Synced> | Reset) => Promise<void>, fail: () => Promise<void>}[]} */
  const syncs = [];
  /** @type {{query: PageQuery, answer: (page: Page) => Promise<void>, fail: () => Promise<void>}[]} */
  const pages = [];
  const timeline = new Timeline(room(info), ALICE.id, {
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    random: () => 0.5,
    sync: (command) =>
      new Promise((resolve, reject) => {
        const answer = async (/** @type {any} */ given) => {
          resolve({ ...synced(), ...given });
          await clock.settle();
        };
        syncs.push({ command, answer, fail: () => (reject(new Error("refused")), clock.settle()) });
      }),
    fetchPage: (_, query) =>
      new Promise((resolve, reject) => {
        const answer = (/** @type {Page} */ given) => (resolve(given), clock.settle());
        pages.push({ query, answer, fail: () => (reject(new Error("no network")), clock.settle()) });
      }),
  });
  if (first) timeline.open(first);
  const list = new DrawnList(timeline);
  return { timeline, clock, syncs, pages, list };
}

/** @returns {Synced} */
function synced() {
  return {
    type: "synced", room: 7, messages: [], last_seq: 0, more: false, epoch: EPOCH, read_seq: 0, unread: 0, mentions: 0,
  };
}

/** @param {number} count A timeline that holds that many posts, the room's first. */
function aTimelineOf(count) {
  return aTimeline({ last_seq: count, unread: count }, page(posts(1, count)));
}

/** @param {Timeline} timeline */
const seqs = (timeline) => timeline.messages.map((message) => message.seq);
/** @param {Timeline} timeline */
const bodies = (timeline) => timeline.messages.map((message) => message.body);
/** @param {string} client_id @param {Partial<import("../../chat/static/chat/js/types.js").Pending>} more */
const pendingPost = (client_id, more = {}) => ({
  client_id, room: 7, body: "mine", reply_to: null, created_at: 1, state: /** @type {const} */ ("sending"), error: null, ...more,
});

describe("of two states of a message", () => {
  it("the one with the higher changed_seq counts, whichever came last", () => {
    const { timeline } = aTimelineOf(1);
    timeline.apply(told(post(1, { changed_seq: 3, body: "third" })));
    timeline.apply(told(post(1, { changed_seq: 2, body: "second" })));
    assert.deepEqual(bodies(timeline), ["third"]);
    assert.equal(timeline.lastSeq, 3);
  });

  it("the higher changed_seq counts in an answer to sync too", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.noteHead(4);
    await clock.advance(1000);
    timeline.apply(told(post(1, { changed_seq: 4, body: "fourth" })));
    await syncs[0].answer({ messages: [post(1, { changed_seq: 3, body: "third" })], last_seq: 4 });
    assert.deepEqual(bodies(timeline), ["fourth"]);
  });

  it("a repeat changes nothing and draws nothing", async () => {
    const { timeline, clock } = aTimelineOf(1);
    await clock.settle();
    let drawn = 0;
    timeline.on("patches", () => (drawn += 1));
    timeline.apply(told(post(1)));
    timeline.apply(told(post(1)));
    await clock.settle();
    assert.equal(drawn, 0);
    assert.equal(timeline.lastSeq, 1);
  });

  it("a deleted one keeps its place, emptied", () => {
    const { timeline } = aTimelineOf(3);
    timeline.apply(told(post(2, { changed_seq: 4, deleted: true, body: "", html: "" })));
    assert.deepEqual(seqs(timeline), [1, 2, 3]);
    assert.equal(timeline.messages[1].deleted, true);
  });
});

describe("a jump in the numbers", () => {
  it("is waited for and then asked for, once", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.apply(told(post(4)));
    timeline.apply(told(post(6)));
    await clock.advance(649);
    assert.equal(syncs.length, 0, "half way between 0.3 and 1 s");
    await clock.advance(1);
    assert.equal(syncs.length, 1);
    assert.deepEqual(syncs[0].command, { type: "sync", room: 7, after: 1, epoch: EPOCH });
    await clock.advance(60_000);
    assert.equal(syncs.length, 1, "one sync at a time");
  });

  it("is not asked for when the missing change comes in time", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.apply(told(post(3)));
    timeline.apply(told(post(2)));
    await clock.advance(60_000);
    assert.equal(syncs.length, 0);
    assert.equal(timeline.lastSeq, 3);
    assert.deepEqual(seqs(timeline), [1, 2, 3]);
  });

  it("shows in a head beyond what came", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.noteHead(2);
    await clock.advance(1000);
    await syncs[0].answer({ messages: [post(2)], last_seq: 2 });
    assert.deepEqual(seqs(timeline), [1, 2]);
    await clock.advance(60_000);
    assert.equal(syncs.length, 1);
  });

  it("is followed through `more` from the last one's changed_seq, and ends at last_seq", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.noteHead(9);
    await clock.advance(1000);
    await syncs[0].answer({ messages: [post(3), post(2, { changed_seq: 4 })], last_seq: 9, more: true });
    assert.equal(timeline.lastSeq, 4);
    assert.equal(syncs[1].command.after, 4);
    await syncs[1].answer({ messages: [post(5)], last_seq: 9 });
    assert.equal(timeline.lastSeq, 9);
    assert.deepEqual(seqs(timeline), [1, 2, 3, 5]);
    assert.equal(syncs.length, 2);
  });

  it("is asked for again, more slowly each time, while the answers do not help", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.noteHead(5);
    for (let second = 0; second < 600; second += 1) {
      await clock.advance(1000);
      await syncs.at(-1)?.fail();
    }
    assert.ok(syncs.length >= 30 && syncs.length <= 60, `${syncs.length} in ten minutes`);
    await clock.advance(60_000);
    await syncs.at(-1)?.answer({ messages: [post(5)], last_seq: 5 });
    assert.equal(timeline.lastSeq, 5);
  });

  it("is asked for once when connections follow each other meanwhile", async () => {
    const { timeline, syncs } = aTimelineOf(1);
    timeline.greet(room({ last_seq: 4 }), EPOCH);
    timeline.greet(room({ last_seq: 5 }), EPOCH);
    assert.equal(syncs.length, 1);
  });

  it("is not closed by an answer that began after what an older page took back", async () => {
    const { timeline, syncs, pages, clock } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    void timeline.loadOlder();
    timeline.noteHead(62);
    await clock.advance(1000);
    await pages[0].answer(page(posts(20, 39), { more_before: true, last_seq: 58 }));
    await syncs[0].answer({ messages: posts(61, 62), last_seq: 62 });
    assert.equal(timeline.lastSeq, 58);
    await clock.advance(2000);
    assert.equal(syncs[1].command.after, 58);
  });

  it("shows in a page that knows more", async () => {
    const { timeline, syncs, pages, clock } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    void timeline.loadOlder();
    await pages[0].answer(page(posts(20, 39), { more_before: true, last_seq: 62 }));
    assert.equal(timeline.lastSeq, 60);
    await clock.advance(1000);
    assert.equal(syncs[0].command.after, 60);
  });

  it("does not ask for ever when `more` comes without messages", async () => {
    const { syncs, timeline, clock } = aTimelineOf(1);
    timeline.noteHead(5);
    await clock.advance(1000);
    await syncs[0].answer({ more: true, last_seq: 5 });
    assert.equal(syncs.length, 1);
  });

  it("is closed by changes that this person may not see and by events of unknown kind", async () => {
    const { timeline, syncs, clock } = aTimelineOf(1);
    timeline.apply({ seq: 2 });
    timeline.apply({ seq: 3 });
    timeline.apply(told(post(4)));
    await clock.advance(60_000);
    assert.equal(timeline.lastSeq, 4);
    assert.equal(syncs.length, 0);
  });

  it("of more than is worth replaying costs one page, and the new line stays", async () => {
    const { timeline, syncs, pages, clock } = aTimeline({ last_seq: 9, read_seq: 8 }, page(posts(1, 9)));
    timeline.noteHead(10_009);
    await clock.advance(1000);
    assert.equal(syncs.length, 0);
    await pages[0].answer(page(posts(9_960, 10_009), { more_before: true }));
    assert.equal(timeline.lastSeq, 10_009);
    assert.equal(timeline.messages.length, 50);
    assert.equal(timeline.firstNew?.seq, 9_960);
    assert.equal(syncs[0].command.limit, 0, "the unread ones reach beyond the window: the server counts");
    await syncs[0].answer({ last_seq: 10_009, unread: 1000, read_seq: 8 });
    assert.equal(timeline.unread, 1000);
  });

  it("that turns out to be too much while being replayed costs one page", async () => {
    const { timeline, syncs, pages, clock } = aTimelineOf(1);
    timeline.noteHead(3);
    await clock.advance(1000);
    await syncs[0].answer({ messages: [post(2)], more: true, last_seq: 5000 });
    assert.equal(syncs.length, 1);
    await pages[0].answer(page([post(5000)], { more_before: true }));
    assert.deepEqual(seqs(timeline), [5000]);
    assert.equal(timeline.lastSeq, 5000);
  });
});

describe("the window", () => {
  const middle = () => page(posts(40, 60), { more_before: true, more_after: true, last_seq: 100 });

  it("moves the number for an edit of a message that it does not hold, and no more", () => {
    const { timeline } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    timeline.apply(told(post(5, { changed_seq: 61, body: "edited" })));
    assert.equal(timeline.lastSeq, 61);
    assert.deepEqual(seqs(timeline), seqs(timeline).filter((seq) => seq >= 40));
  });

  it("takes no live message while newer ones are missing between", () => {
    const { timeline } = aTimeline({ last_seq: 100 }, middle());
    timeline.apply(told(post(101)));
    assert.equal(timeline.messages.at(-1)?.seq, 60);
    assert.equal(timeline.moreAfter, true);
    assert.equal(timeline.lastSeq, 101);
  });

  it("grows to both sides until there is no more", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    void timeline.loadOlder();
    assert.deepEqual(pages[0].query, { before: 40, limit: 50 });
    await pages[0].answer(page(posts(1, 39), { last_seq: 100 }));
    void timeline.loadNewer();
    assert.deepEqual(pages[1].query, { after: 60, limit: 50 });
    await pages[1].answer(page(posts(61, 100)));
    assert.deepEqual(seqs(timeline), posts(1, 100).map((message) => message.seq));
    assert.deepEqual([timeline.moreBefore, timeline.moreAfter], [false, false]);
    timeline.apply(told(post(101)));
    assert.equal(timeline.messages.at(-1)?.seq, 101);
  });

  it("asks for one page at a time", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    void timeline.loadOlder();
    void timeline.loadOlder();
    assert.equal(pages.length, 1);
    await pages[0].answer(page(posts(30, 39), { more_before: true, last_seq: 100 }));
    void timeline.loadOlder();
    assert.deepEqual(pages[1].query, { before: 30, limit: 50 });
  });

  it("tells when a page could not be fetched, and can ask again", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    const loading = timeline.loadOlder();
    assert.equal(timeline.loading, true);
    await Promise.all([assert.rejects(loading, /no network/), pages[0].fail()]);
    assert.equal(timeline.loading, false);
    void timeline.loadOlder();
    assert.equal(pages.length, 2);
  });

  it("does not lose a change that came while an older page was on its way", async () => {
    const { timeline, pages, syncs, clock } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    void timeline.loadOlder();
    timeline.apply(told(post(39, { changed_seq: 61, body: "edited" })));
    await pages[0].answer(page(posts(20, 39), { more_before: true, last_seq: 60 }));
    await clock.advance(1000);
    await syncs[0].answer({ messages: [post(39, { changed_seq: 61, body: "edited" })], last_seq: 61 });
    assert.equal(timeline.messages.find((message) => message.seq === 39)?.body, "edited");
    assert.equal(timeline.lastSeq, 61);
  });

  it("does not lose a change beyond a hole that came while an older page was on its way", async () => {
    const { timeline, pages, syncs, clock } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    void timeline.loadOlder();
    timeline.apply(told(post(39, { changed_seq: 62, body: "edited" })));
    await pages[0].answer(page(posts(20, 39), { more_before: true, last_seq: 60 }));
    timeline.apply(told(post(61)));
    assert.equal(timeline.lastSeq, 61);
    await clock.advance(1000);
    assert.equal(syncs[0].command.after, 61);
  });

  it("drops a page that was asked for an earlier window", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    void timeline.loadOlder();
    void timeline.loadNewest();
    await pages[1].answer(page(posts(80, 100), { more_before: true }));
    await pages[0].answer(page(posts(1, 39), { last_seq: 100 }));
    assert.equal(timeline.messages[0].seq, 80);
    assert.equal(timeline.moreBefore, true);
  });

  it("goes to the place asked for last, whichever page comes last", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    void timeline.loadAround(20);
    void timeline.loadNewest();
    await pages[1].answer(page(posts(80, 100), { more_before: true }));
    await pages[0].answer(page(posts(10, 30), { more_before: true, more_after: true, last_seq: 100 }));
    assert.equal(timeline.messages[0].seq, 80);
  });

  it("asks for nothing more once the room was left", async () => {
    const { timeline, pages, syncs, clock } = aTimelineOf(5);
    timeline.noteHead(7);
    void timeline.greet(room({ last_seq: 2 }), "second");
    timeline.stop();
    await pages[0].fail();
    await clock.advance(60_000);
    assert.deepEqual([pages.length, syncs.length], [1, 0]);
  });

  it("drops a page beside a place where it does not end any more", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    void timeline.loadNewest();
    void timeline.loadOlder();
    await pages[0].answer(page(posts(80, 100), { more_before: true }));
    await pages[1].answer(page(posts(1, 39), { last_seq: 100 }));
    assert.equal(timeline.messages[0].seq, 80);
    assert.equal(timeline.moreBefore, true);
  });

  it("drops an older page when the messages before which it stood were let go meanwhile", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    void timeline.loadOlder();
    for (const message of posts(61, 1000)) timeline.apply(told(message));
    await pages[0].answer(page(posts(20, 39), { more_before: true, last_seq: 1000 }));
    assert.ok(timeline.messages[0].seq > 400);
  });

  it("drops a newer page when the messages after which it stood were let go meanwhile", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 2000 }, page(posts(1, 480), { more_after: true, last_seq: 2000 }));
    void timeline.loadNewer();
    await pages[0].answer(page(posts(481, 530), { more_after: true, last_seq: 2000 }));
    assert.equal(timeline.messages[0].seq, 131);
    void timeline.loadAround(200);
    void timeline.loadNewer();
    await pages[1].answer(page(posts(190, 210), { more_before: true, more_after: true, last_seq: 2000 }));
    await pages[2].answer(page(posts(531, 580), { more_after: true, last_seq: 2000 }));
    assert.equal(timeline.messages.at(-1)?.seq, 210);
  });

  it("goes to the newest, and to any message", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 100 }, middle());
    void timeline.loadAround(20);
    assert.deepEqual(pages[0].query, { around: 20, limit: 50 });
    await pages[0].answer(page(posts(10, 30), { more_before: true, more_after: true, last_seq: 100 }));
    assert.deepEqual(seqs(timeline), posts(10, 30).map((message) => message.seq));
    void timeline.loadNewest();
    assert.deepEqual(pages[1].query, { limit: 50 });
  });

  it("hides messages of unknown kind and counts their numbers", () => {
    const { timeline } = aTimelineOf(1);
    timeline.apply(told(post(2, { kind: "poll" })));
    timeline.apply(told(post(3)));
    assert.deepEqual(seqs(timeline), [1, 3]);
    assert.equal(timeline.lastSeq, 3);
  });

  it("stays bounded under a stream of messages, losing the oldest when one follows the newest", async () => {
    const { timeline, list, clock } = aTimelineOf(50);
    for (const message of posts(51, 3000)) timeline.apply(told(message));
    await clock.settle();
    assert.ok(timeline.messages.length <= 500);
    assert.equal(timeline.messages.at(-1)?.seq, 3000);
    assert.equal(timeline.moreBefore, true);
    assert.deepEqual(list.drawn, list.expected);
  });

  it("stays bounded when one reads far up, losing the newest", async () => {
    const { timeline, list, clock } = aTimelineOf(50);
    timeline.viewing = 10;
    for (const message of posts(51, 3000)) timeline.apply(told(message));
    await clock.settle();
    assert.ok(timeline.messages.length <= 500);
    assert.equal(timeline.messages[0].seq, 1);
    assert.equal(timeline.moreAfter, true);
    assert.equal(timeline.lastSeq, 3000);
    assert.deepEqual(list.drawn, list.expected);
  });

  it("stays bounded while one scrolls up", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 2000 }, page(posts(1951, 2000), { more_before: true }));
    for (let from = 1901; from > 1000; from -= 50) {
      void timeline.loadOlder();
      await pages.at(-1)?.answer(page(posts(from, from + 49), { more_before: true, last_seq: 2000 }));
    }
    assert.equal(timeline.messages[0].seq, 1001);
    assert.ok(timeline.messages.length <= 500);
    assert.equal(timeline.moreAfter, true);
  });

  it("stays where one reads when too much was missed", async () => {
    const { timeline, pages, clock } = aTimelineOf(50);
    timeline.viewing = 20;
    timeline.noteHead(5000);
    await clock.advance(1000);
    assert.deepEqual(pages[0].query, { around: 20, limit: 50 });
  });
});

describe("numbers taken back", () => {
  const fresh = () => page([post(1, { body: "another" })], { epoch: "second", last_seq: 2 });

  it("are seen at the start of a connection, and everything is fetched anew", async () => {
    const { timeline, pages, syncs, clock } = aTimelineOf(5);
    timeline.greet(room({ last_seq: 2 }), "second");
    assert.deepEqual(seqs(timeline), []);
    assert.equal(timeline.lastSeq, 2);
    await pages[0].answer(fresh());
    assert.deepEqual(bodies(timeline), ["another"]);
    assert.equal(syncs[0].command.limit, 0, "what is read and unread is asked for anew");
    await syncs[0].answer({ last_seq: 2 });
    await clock.advance(60_000);
    assert.equal(syncs.length, 1);
  });

  it("are seen in a reset that answers a sync", async () => {
    const { timeline, pages, syncs } = aTimelineOf(5);
    timeline.greet(room({ last_seq: 3 }), EPOCH);
    assert.equal(syncs[0].command.after, 5);
    await syncs[0].answer({ type: "reset", room: 7, last_seq: 2, epoch: "second" });
    assert.deepEqual(seqs(timeline), []);
    await pages[0].answer(fresh());
    assert.deepEqual(bodies(timeline), ["another"]);
    timeline.apply(told(post(3)));
    assert.equal(timeline.lastSeq, 3);
  });

  it("are seen in a page", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    void timeline.loadOlder();
    await pages[0].answer(page([post(2)], { epoch: "second", last_seq: 2 }));
    assert.deepEqual(seqs(timeline), []);
    await pages[1].answer(fresh());
    assert.deepEqual(bodies(timeline), ["another"]);
  });

  it("let nothing of before come back", async () => {
    const { timeline, pages, syncs, clock } = aTimelineOf(5);
    timeline.noteHead(7);
    await clock.advance(1000);
    timeline.greet(room({ last_seq: 6 }), "second");
    await syncs[0].answer({ messages: [post(6)], last_seq: 7 });
    assert.equal(timeline.lastSeq, 6);
    await pages[0].answer(fresh());
    assert.deepEqual(bodies(timeline), ["another"]);
  });

  it("are not taken back once more by an answer of before", async () => {
    const { timeline, syncs, clock } = aTimelineOf(5);
    timeline.noteHead(7);
    await clock.advance(1000);
    timeline.greet(room({ last_seq: 2 }), "second");
    await syncs[0].answer({ type: "reset", room: 7, last_seq: 1, epoch: EPOCH });
    assert.equal(timeline.lastSeq, 2);
  });

  it("are seen in a page that was to be the window, and what was read is taken back too", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 5, read_seq: 5 }, page(posts(1, 5)));
    void timeline.loadNewest();
    await pages[0].answer(fresh());
    assert.equal(timeline.lastSeq, 2);
    assert.equal(timeline.readSeq, 0);
  });

  it("take back the new line", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 5, read_seq: 5 }, page(posts(1, 5)));
    timeline.greet(room({ last_seq: 2, read_seq: 2 }), "second");
    await pages[0].answer(fresh());
    timeline.apply(told(post(3)));
    assert.deepEqual(timeline.firstNew, post(3));
  });

  it("are fetched anew however often it takes, and at once when a connection stands again", async () => {
    const { timeline, pages, clock } = aTimelineOf(5);
    timeline.greet(room({ last_seq: 2 }), "second");
    for (let failure = 0; failure < 8; failure += 1) {
      await pages.at(-1)?.fail();
      await clock.advance(30_000);
    }
    assert.equal(pages.length, 9);
    await pages[8].fail();
    timeline.greet(room({ last_seq: 2 }), "second");
    assert.equal(pages.length, 10);
    await pages[9].answer(fresh());
    assert.deepEqual(bodies(timeline), ["another"]);
    await clock.advance(60_000);
    assert.equal(pages.length, 10);
  });

  it("are fetched anew even when the person asks for another place meanwhile, in vain", async () => {
    const { timeline, pages, clock } = aTimelineOf(5);
    timeline.greet(room({ last_seq: 2 }), "second");
    void timeline.loadAround(1);
    await pages[0].fail();
    await pages[1].fail();
    await clock.advance(30_000);
    assert.deepEqual(pages[2].query, { around: 1, limit: 50 });
    await pages[2].answer(fresh());
    assert.deepEqual(bodies(timeline), ["another"]);
  });

  it("leave no place beside which to load until they are", () => {
    const { timeline, pages } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    timeline.greet(room({ last_seq: 2 }), "second");
    void timeline.loadOlder();
    void timeline.loadNewer();
    assert.deepEqual([timeline.moreBefore, timeline.moreAfter], [false, false]);
    assert.equal(pages.length, 1);
  });

  it("take back what was read", async () => {
    const { timeline, syncs, pages } = aTimeline({ last_seq: 5, read_seq: 5 }, page(posts(1, 5)));
    timeline.greet(room({ last_seq: 2, read_seq: 1, unread: 1 }), "second");
    await pages[0].answer(page([post(1), post(2)], { epoch: "second" }));
    await syncs[0].answer({ last_seq: 2, read_seq: 1, unread: 1 });
    assert.equal(timeline.readSeq, 1);
    assert.equal(timeline.unread, 1);
  });
});

describe("the start of a connection", () => {
  it("asks for what was missed, at once", () => {
    const { timeline, syncs } = aTimelineOf(2);
    timeline.greet(room({ last_seq: 4 }), EPOCH);
    assert.equal(syncs[0].command.after, 2);
  });

  it("asks nothing when nothing was missed", async () => {
    const { timeline, syncs, clock } = aTimelineOf(2);
    timeline.greet(room({ last_seq: 2 }), EPOCH);
    await clock.advance(60_000);
    assert.equal(syncs.length, 0);
  });

  it("asks nothing about a room whose messages it does not hold", async () => {
    const { timeline, syncs, clock } = aTimeline({ last_seq: 2 });
    timeline.greet(room({ last_seq: 9, unread: 5 }), EPOCH);
    await clock.advance(60_000);
    assert.equal(syncs.length, 0);
    assert.equal(timeline.unread, 5);
    assert.equal(timeline.lastSeq, 9);
  });
});

describe("a pending post", () => {
  it("stands after all messages, in the order of its making", async () => {
    const { timeline, list, clock } = aTimelineOf(1);
    timeline.pend(pendingPost("p1"));
    timeline.pend(pendingPost("p2"));
    timeline.apply(told(post(2)));
    await clock.settle();
    assert.deepEqual(list.drawn, list.expected);
    assert.deepEqual(timeline.pending.map((pending) => pending.client_id), ["p1", "p2"]);
  });

  it("gives way to its message, at its true place", async () => {
    const { timeline, list, clock } = aTimelineOf(1);
    timeline.pend(pendingPost("p1"));
    await clock.settle();
    /** @type {string[]} */
    const stored = [];
    /** @type {string[]} */
    const types = [];
    timeline.on("stored", (clientId) => stored.push(clientId));
    timeline.on("patches", (patches) => types.push(...patches.map((patch) => patch.type)));
    timeline.apply(told(post(3)));
    timeline.apply(told(post(2, { author: ALICE, client_id: "p1" })));
    await clock.settle();
    assert.deepEqual(types, ["insert", "confirm"]);
    assert.deepEqual(stored, ["p1"]);
    assert.deepEqual(seqs(timeline), [1, 2, 3]);
    assert.deepEqual(timeline.pending, []);
    assert.deepEqual(list.drawn, list.expected);
  });

  it("gives way to its message in a page and in an answer to sync", async () => {
    const { timeline, pages, syncs, clock } = aTimelineOf(1);
    for (const clientId of ["p1", "p2"]) timeline.pend(pendingPost(clientId));
    timeline.noteHead(2);
    await clock.advance(1000);
    await syncs[0].answer({ messages: [post(2, { author: ALICE, client_id: "p1" })], last_seq: 2 });
    assert.deepEqual(timeline.pending.map((pending) => pending.client_id), ["p2"]);
    void timeline.loadNewest();
    await pages[0].answer(page([post(3, { author: ALICE, client_id: "p2" })], { more_before: true }));
    assert.deepEqual(timeline.pending, []);
  });

  it("gives way to its message in an older page", async () => {
    const { timeline, pages } = aTimeline({ last_seq: 60 }, page(posts(40, 60), { more_before: true }));
    timeline.pend(pendingPost("p1"));
    void timeline.loadOlder();
    await pages[0].answer(page([post(39, { author: ALICE, client_id: "p1" })], { more_before: true, last_seq: 60 }));
    assert.deepEqual(timeline.pending, []);
  });

  it("gives way when its message belongs out of view", async () => {
    const { timeline, list, clock } = aTimeline({ last_seq: 9 }, page([post(1)], { more_after: true, last_seq: 9 }));
    timeline.pend(pendingPost("p1"));
    timeline.apply(told(post(10, { author: ALICE, client_id: "p1" })));
    await clock.settle();
    assert.deepEqual(seqs(timeline), [1]);
    assert.deepEqual(timeline.pending, []);
    assert.deepEqual(list.drawn, list.expected);
  });

  it("does not give way to another person's message with its client_id", () => {
    const { timeline } = aTimelineOf(1);
    timeline.pend(pendingPost("p1"));
    timeline.apply(told(post(2, { author: BOB, client_id: "p1" })));
    assert.equal(timeline.pending.length, 1);
  });

  it("shows its new state, and goes when it is discarded", async () => {
    const { timeline, list, clock } = aTimelineOf(1);
    timeline.pend(pendingPost("p1"));
    timeline.pend(pendingPost("p1", { state: "failed" }));
    await clock.settle();
    assert.equal(timeline.pending[0].state, "failed");
    assert.deepEqual(list.drawn, list.expected);
    timeline.unpend("p1");
    await clock.settle();
    assert.deepEqual(list.drawn, list.expected);
    assert.equal(timeline.pending.length, 0);
  });
});

describe("what is unread", () => {
  it("counts others' posts after what was read, not deleted", () => {
    const { timeline } = aTimeline({ last_seq: 3, read_seq: 1, unread: 2 }, page(posts(1, 3)));
    timeline.apply(told(post(4, { author: ALICE })));
    timeline.apply(told(post(5)));
    assert.equal(timeline.unread, 3);
    timeline.apply(told(post(2, { changed_seq: 6, deleted: true })));
    assert.equal(timeline.unread, 2);
  });

  it("is counted in a room whose messages are not held", () => {
    const { timeline } = aTimeline({ last_seq: 3, read_seq: 1, unread: 2 });
    timeline.apply(told(post(4)));
    timeline.apply(told(post(4)));
    timeline.apply(told(post(5, { author: ALICE })));
    timeline.apply(told(post(4, { changed_seq: 6, body: "edited" })));
    assert.equal(timeline.unread, 3);
    timeline.apply(told(post(3, { changed_seq: 7, deleted: true })));
    assert.equal(timeline.unread, 2);
    timeline.apply(told(post(1, { changed_seq: 8, deleted: true })));
    assert.equal(timeline.unread, 2, "it had been read");
  });

  it("is asked for by the numbers alone when some were missed there", async () => {
    const { timeline, syncs, clock } = aTimeline({ last_seq: 3 });
    timeline.apply(told(post(6)));
    await clock.advance(1000);
    assert.equal(syncs[0].command.limit, 0);
    timeline.apply(told(post(8)));
    await syncs[0].answer({ last_seq: 7, unread: 4 });
    assert.equal(timeline.unread, 5, "the server's four up to 7, and the one after");
    assert.equal(timeline.lastSeq, 8);
  });

  it("goes down as one reads, here and in another tab, and never up again by an older mark", () => {
    const { timeline } = aTimeline({ last_seq: 3, unread: 3 }, page(posts(1, 3)));
    assert.equal(timeline.markRead(2), true);
    assert.equal(timeline.unread, 1);
    timeline.takeMark({ type: "read", room: 7, seq: 3, unread: 0, mentions: 0 });
    assert.equal(timeline.unread, 0);
    timeline.takeMark({ type: "read", room: 7, seq: 2, unread: 1, mentions: 0 });
    assert.equal(timeline.readSeq, 3);
    assert.equal(timeline.unread, 0);
    assert.equal(timeline.markRead(3), false);
  });

  it("is asked for when another tab's mark left some, since posts on their way may be in its count", async () => {
    const { timeline, syncs, clock } = aTimeline({ last_seq: 3, unread: 3 });
    timeline.takeMark({ type: "read", room: 7, seq: 2, unread: 2, mentions: 0 });
    await clock.settle();
    timeline.apply(told(post(4)));
    await syncs[0].answer({ last_seq: 4, unread: 2, read_seq: 2 });
    assert.equal(timeline.unread, 2);
  });

  it("does not go back to what the server said earlier", () => {
    const { timeline } = aTimeline({ last_seq: 3 });
    timeline.takeInfo(room({ last_seq: 6, read_seq: 3, unread: 2 }));
    timeline.takeInfo(room({ last_seq: 5, read_seq: 3, unread: 1 }));
    assert.equal(timeline.unread, 2);
    timeline.takeMark({ type: "read", room: 7, seq: 3, unread: 0, mentions: 0 });
    assert.equal(timeline.unread, 2, "a late mark that was known");
  });

  it("is asked for when a new window passed over changes that nobody counted", async () => {
    const { timeline, pages, syncs } = aTimeline({ last_seq: 5, unread: 5 }, page(posts(1, 5)));
    void timeline.loadNewest();
    await pages[0].answer(page(posts(80, 100), { more_before: true }));
    assert.equal(syncs[0].command.limit, 0);
    await syncs[0].answer({ last_seq: 100, unread: 100 });
    assert.equal(timeline.unread, 100);
  });

  it("is not counted twice when another tab's mark holds what was counted here", () => {
    const { timeline } = aTimeline({ last_seq: 3, unread: 3 });
    timeline.apply(told(post(4)));
    assert.equal(timeline.unread, 4);
    timeline.takeMark({ type: "read", room: 7, seq: 2, unread: 2, mentions: 0 });
    assert.equal(timeline.unread, 2);
  });

  it("does not move the numbers by a reading mark", async () => {
    const { timeline, syncs, clock } = aTimelineOf(3);
    timeline.takeMark({ type: "read", room: 7, seq: 2, unread: 0, mentions: 0 });
    await clock.advance(60_000);
    assert.equal(timeline.lastSeq, 3);
    assert.equal(syncs.length, 0);
  });

  it("stops at a thousand", () => {
    const { timeline } = aTimeline({ last_seq: 5000, unread: 1000 });
    timeline.apply(told(post(5001)));
    timeline.apply(told(post(4000, { changed_seq: 5002, deleted: true })));
    assert.equal(timeline.unread, 1000);
  });

  it("counts mentions of the person and of the room", () => {
    for (const timeline of [aTimelineOf(1).timeline, aTimeline({ last_seq: 1 }).timeline]) {
      timeline.apply(told(post(2, { mentions: { users: [ALICE.id], room: false } })));
      timeline.apply(told(post(3, { mentions: { users: [BOB.id], room: false } })));
      timeline.apply(told(post(4, { mentions: { users: [], room: true } })));
      assert.equal(timeline.mentions, 2);
    }
  });

  it("begins at a line that stays while one reads, until it is moved", () => {
    const { timeline } = aTimeline({ last_seq: 4, read_seq: 2, unread: 2 }, page(posts(1, 4)));
    assert.equal(timeline.firstNew?.seq, 3);
    timeline.markRead(4);
    assert.equal(timeline.firstNew?.seq, 3);
    timeline.moveLine();
    assert.deepEqual(timeline.firstNew, null);
    timeline.apply(told(post(5, { author: ALICE })));
    timeline.apply(told(post(6)));
    assert.deepEqual(timeline.firstNew, post(6));
  });
});

describe("the patches", () => {
  it("tell all that one frame brought at once, and draw what is held", async () => {
    const { timeline, list, clock } = aTimelineOf(2);
    await clock.settle();
    /** @type {number[]} */
    const batches = [];
    timeline.on("patches", (patches) => batches.push(patches.length));
    timeline.apply(told(post(5)));
    timeline.apply(told(post(3)));
    timeline.apply(told(post(1, { changed_seq: 6 })));
    timeline.apply(told(post(4)));
    await clock.settle();
    assert.deepEqual(batches, [4]);
    assert.deepEqual(list.drawn, list.expected);
    assert.deepEqual(seqs(timeline), [1, 2, 3, 4, 5]);
  });

  it("say one thing alone when everything is to be drawn anew", async () => {
    const { timeline, pages, clock } = aTimelineOf(2);
    await clock.settle();
    /** @type {string[]} */
    const types = [];
    timeline.on("patches", (patches) => types.push(...patches.map((patch) => patch.type)));
    void timeline.loadNewest();
    timeline.apply(told(post(3)));
    const answered = pages[0].answer(page(posts(1, 3)));
    await answered;
    assert.deepEqual(types.filter((type) => type === "reset").length, 1);
  });
});
