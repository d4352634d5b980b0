/** @import { Message, Reaction } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatClient } from "../../chat/static/chat/js/client.js";
import { isMine, isSameEmoji } from "../../chat/static/chat/js/reactions.js";
import { ALICE, hello, page, post, room, told } from "./support/shapes.js";
import { FakeWorld } from "./support/world.js";

const OTHERS = Array.from({ length: 100 }, (_, index) => 1000 + index);

/** What a hundred others have put on it, and perhaps the reader. @param {number} changed_seq @param {Partial<Reaction>} [more] */
function liked(changed_seq, more = {}) {
  return post(1, { changed_seq, reactions: [{ emoji: "👍", count: 101, users: OTHERS, ...more }] });
}

/** @param {Message} first */
async function aPageThatHolds(first) {
  const world = new FakeWorld();
  const client = new ChatClient(world.surroundings(), { person: ALICE, build: "b1" });
  const timeline = client.open(room({ last_seq: first.changed_seq }), page([first]));
  client.connect();
  world.socket.deliver(hello({ rooms: [room({ last_seq: first.changed_seq })] }));
  await world.clock.settle();
  const isAlices = () => timeline.messages[0].reactions.map((reaction) => isMine(reaction, ALICE.id))[0];
  const reacted = (/** @type {boolean} */ on) =>
    world.socket.deliver({ type: "reacted", room: 7, message: 101, emoji: "👍", on });
  return { world, client, timeline, isAlices, reacted };
}

describe("beyond the hundred that a message names, one's own reaction", () => {
  it("is what an answer to oneself told", async () => {
    assert.equal((await aPageThatHolds(liked(2, { mine: true }))).isAlices(), true);
    assert.equal((await aPageThatHolds(liked(2))).isAlices(), false);
  });

  it("stays when an event for all says nothing of it", async () => {
    const { world, isAlices } = await aPageThatHolds(liked(2, { mine: true }));
    world.socket.deliver(told(liked(3, { count: 102 })));
    assert.equal(isAlices(), true);
  });

  it("is told by other tabs, before or after the event for all", async () => {
    for (const first of ["reacted", "message"]) {
      const { world, isAlices, reacted } = await aPageThatHolds(liked(2));
      if (first === "reacted") reacted(true);
      world.socket.deliver(told(liked(3, { count: 102 })));
      if (first === "message") reacted(true);
      assert.equal(isAlices(), true, first);
      reacted(false);
      assert.equal(isAlices(), false);
    }
  });

  it("is gone when one of the first takes theirs off, in whatever order that is told", async () => {
    const named = [ALICE.id, ...OTHERS.slice(1)];
    for (const first of ["reacted", "message"]) {
      const { world, isAlices, reacted } = await aPageThatHolds(liked(2, { users: named, count: 102 }));
      assert.equal(isAlices(), true);
      if (first === "reacted") reacted(false);
      world.socket.deliver(told(liked(3)));
      if (first === "message") reacted(false);
      assert.equal(isAlices(), false, first);
    }
  });

  it("is redrawn when another tab tells of it", async () => {
    const { world, timeline, reacted } = await aPageThatHolds(liked(2));
    await world.clock.settle();
    /** @type {string[]} */
    const patches = [];
    timeline.on("patches", (all) => patches.push(...all.map(({ type }) => type)));
    reacted(true);
    await world.clock.settle();
    assert.deepEqual(patches, ["update"]);
  });

  it("is asked anew after a lost connection, in which it may have been taken off elsewhere", async () => {
    const { world, isAlices } = await aPageThatHolds(liked(2, { mine: true }));
    world.socket.fall(1006);
    await world.clock.advance(1000);
    world.socket.deliver(hello({ rooms: [room({ last_seq: 3 })] }));
    world.socket.answer("sync", {
      type: "synced", room: 7, messages: [liked(3)], last_seq: 3, more: false, epoch: "first", read_seq: 0, unread: 0, mentions: 0,
    });
    await world.clock.settle();
    assert.equal(isAlices(), false);
  });
});

describe("an emoji", () => {
  it("is one whatever its variation selectors, and not whatever its skin", () => {
    assert.ok(isSameEmoji("❤", "❤\ufe0f"));
    assert.ok(isSameEmoji("👁\u200d🗨", "👁\ufe0f\u200d🗨\ufe0f"));
    assert.ok(!isSameEmoji("👍", "👍🏽"));
  });
});
