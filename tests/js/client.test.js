/** @import { Hello, Left, Page, RoomInfo } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatClient } from "../../chat/static/chat/js/client.js";
import { ALICE, BOB, hello, page, post, posts, room, told } from "./support/shapes.js";
import { FakeWorld } from "./support/world.js";

/** @param {{info?: RoomInfo, first?: Page, world?: FakeWorld}} [options] */
function aPage({ info = room({ last_seq: 2 }), first = page(posts(1, 2)), world = new FakeWorld() } = {}) {
  const client = new ChatClient(world.surroundings(), { person: ALICE, build: "b1" });
  const timeline = client.open(info, first);
  client.connect();
  const greet = (/** @type {Partial<Hello>} */ more = {}) => {
    world.socket.deliver(hello({ rooms: [info], ...more }));
    return world.clock.settle();
  };
  const comeBack = async (/** @type {Partial<Hello>} */ more = {}) => {
    world.socket.fall(1006);
    await world.clock.advance(1000);
    await greet(more);
  };
  const seqs = () => timeline.messages.map((message) => message.seq);
  return { world, client, timeline, greet, comeBack, seqs };
}

/** @param {Parameters<typeof aPage>[0]} [options] */
async function anOnlinePage(options) {
  const all = aPage(options);
  await all.greet();
  return all;
}

/** @param {object[]} commands */
const types = (commands) => commands.map((command) => /** @type {{type: string}} */ (command).type);

describe("at the start of each connection the page", () => {
  it("asks for what it missed, watches again, then sends what waits, under the same client_id", async () => {
    const { world, client, comeBack } = await anOnlinePage();
    client.watch([7]);
    const { client_id } = client.post(7, "hello");
    assert.deepEqual(types(world.socket.sent), ["watch", "post"]);
    await comeBack({ rooms: [room({ last_seq: 5 })] });
    assert.deepEqual(types(world.socket.sent), ["sync", "watch", "post"]);
    assert.equal(world.socket.last("sync").after, 2);
    assert.deepEqual(world.socket.last("watch").rooms, [7]);
    assert.equal(world.socket.last("post").client_id, client_id);
  });

  it("asks nothing about rooms whose messages it does not hold, and knows their numbers", async () => {
    const { world, client, greet } = aPage();
    await greet({ rooms: [room({ last_seq: 2 }), room({ id: 8, last_seq: 90, unread: 4 })] });
    assert.deepEqual(world.socket.sent, []);
    assert.equal(client.timelines.get(8)?.unread, 4);
  });

  it("sees that the server runs another build or speaks another protocol", async () => {
    for (const [more, expected] of /** @type {[Partial<Hello>, string[]][]} */ ([
      [{}, []], [{ build: "b2" }, ["b2"]], [{ protocol: 2 }, ["b1"]],
    ])) {
      const { client, greet } = aPage();
      /** @type {string[]} */
      const builds = [];
      client.on("build", (build) => builds.push(build));
      await greet(more);
      assert.deepEqual(builds, expected);
    }
  });

  it("says which rooms were left meanwhile", async () => {
    const { client, comeBack } = await anOnlinePage();
    /** @type {Left[]} */
    const left = [];
    client.on("left", (event) => left.push(event));
    await comeBack({ rooms: [] });
    assert.deepEqual(left.map((event) => event.room), [7]);
    assert.equal(client.timelines.has(7), false);
  });

  it("says once that a room was left", async () => {
    const { world, client, comeBack } = await anOnlinePage();
    let left = 0;
    client.on("left", () => (left += 1));
    world.socket.deliver({ type: "left", room: 7, reason: "removed" });
    await comeBack({ rooms: [] });
    assert.equal(left, 1);
  });

  it("keeps a room that it shows without being in it", async () => {
    const { client, greet } = aPage();
    await greet({ rooms: [] });
    assert.equal(client.timelines.has(7), true);
  });

  it("tells how far was read when the server does not know", async () => {
    const { world, client, comeBack } = await anOnlinePage();
    world.socket.fall(1006);
    client.markRead(7, 2);
    await world.clock.advance(300);
    await comeBack();
    assert.equal(world.socket.last("read").seq, 2);
  });
});

describe("one's own post", () => {
  it("shows at once, and becomes the message that the reply brings", async () => {
    const { world, client, timeline, seqs } = await anOnlinePage();
    const { client_id } = client.post(7, "hello", 101);
    assert.equal(timeline.pending.length, 1);
    assert.equal(world.socket.last("post").reply_to, 101);
    const message = post(3, { author: ALICE, client_id });
    world.socket.answer("post", { type: "posted", room: 7, seq: 3, client_id, message });
    assert.deepEqual(seqs(), [1, 2, 3]);
    assert.deepEqual(timeline.pending, []);
    assert.deepEqual(world.browser.keys, []);
  });

  it("shows once when a retry on a new connection brings both the reply and the event", async () => {
    const { world, client, timeline, comeBack, seqs } = await anOnlinePage();
    const { client_id } = client.post(7, "hello");
    await comeBack();
    const message = post(3, { author: ALICE, client_id });
    world.socket.deliver(told(message));
    world.socket.answer("post", { type: "posted", room: 7, seq: 3, client_id, message });
    world.socket.deliver(told(message));
    await world.clock.settle();
    assert.deepEqual(seqs(), [1, 2, 3]);
    assert.deepEqual(timeline.pending, []);
    assert.equal(timeline.lastSeq, 3);
  });

  it("is not sent again once its message was seen", async () => {
    const { world, client, comeBack } = await anOnlinePage();
    const { client_id } = client.post(7, "hello");
    world.socket.fall(1006);
    await world.clock.advance(1000);
    const rooms = [room({ last_seq: 3 })];
    world.socket.deliver(hello({ rooms }), told(post(3, { author: ALICE, client_id })));
    await world.clock.settle();
    await comeBack({ rooms });
    assert.equal(world.socket.all("post").length, 0);
  });

  it("survives a reload", async () => {
    const { world, client } = aPage();
    const { client_id } = client.post(7, "hello");
    client.close();
    const reloaded = await anOnlinePage({ world });
    assert.deepEqual(reloaded.timeline.pending.map((pending) => pending.body), ["hello"]);
    assert.equal(world.socket.last("post").client_id, client_id);
  });

  it("does not come back from a reload when the embedded page holds it", async () => {
    const { world, client } = aPage();
    const { client_id } = client.post(7, "hello");
    client.close();
    const first = page([post(3, { author: ALICE, client_id })]);
    const reloaded = await anOnlinePage({ world, first, info: room({ last_seq: 3 }) });
    assert.deepEqual(reloaded.timeline.pending, []);
    assert.deepEqual(world.browser.keys, []);
    assert.equal(world.socket.all("post").length, 0);
  });

  it("that was refused stays with the reason, to be sent again or discarded", async () => {
    const { world, client, timeline } = await anOnlinePage();
    const { client_id } = client.post(7, "hello");
    world.socket.answer("post", { type: "error", code: "forbidden", detail: "This room is archived.", client_id });
    await world.clock.settle();
    assert.deepEqual(timeline.pending[0].error, { code: "forbidden", detail: "This room is archived." });
    client.retry(client_id);
    assert.equal(timeline.pending[0].state, "sending");
    assert.equal(world.socket.last("post").client_id, client_id);
    world.socket.answer("post", { type: "error", code: "forbidden", detail: "This room is archived.", client_id });
    await world.clock.settle();
    assert.equal(client.discard(client_id)?.body, "hello");
    assert.deepEqual(timeline.pending, []);
  });

  it("brings the newest messages into view when they were not", async () => {
    const world = new FakeWorld();
    let fetched = 0;
    world.fetchPage = async () => (fetched += 1, page(posts(5, 9), { more_before: true }));
    const first = page(posts(1, 2), { more_after: true, last_seq: 9 });
    const { client, seqs } = await anOnlinePage({ world, info: room({ last_seq: 9 }), first });
    client.post(7, "hello");
    await world.clock.settle();
    assert.equal(fetched, 1);
    assert.deepEqual(seqs(), [5, 6, 7, 8, 9]);
  });
});

describe("events", () => {
  it("of unknown type move the number, and nothing else", async () => {
    const { world, timeline, seqs } = await anOnlinePage();
    world.socket.deliver({ type: "poll", room: 7, seq: 3, message: { strange: true } }, { type: "weather" });
    assert.equal(timeline.lastSeq, 3);
    assert.deepEqual(seqs(), [1, 2]);
  });

  it("of reading do not move the number", async () => {
    const { world, timeline } = await anOnlinePage();
    world.socket.deliver({ type: "read", room: 7, seq: 3, unread: 0, mentions: 0 });
    assert.equal(timeline.lastSeq, 2);
    assert.equal(timeline.readSeq, 3);
  });

  it("that say that a room is skipped, changed or posted move the number", async () => {
    const { world, timeline, seqs } = await anOnlinePage();
    world.socket.deliver(
      { type: "skipped", room: 7, seq: 3 },
      { type: "changed", room: 7, seq: 4, message: post(1, { changed_seq: 4 }) },
      { type: "posted", room: 7, seq: 5, client_id: "c5", message: post(5, { author: ALICE }) },
    );
    assert.equal(timeline.lastSeq, 5);
    assert.deepEqual(seqs(), [1, 2, 5]);
  });

  it("with heads beyond what came lead to a sync", async () => {
    const { world } = await anOnlinePage();
    world.socket.deliver({ type: "heartbeat", heads: { 7: 4, 99: 1 } });
    await world.clock.advance(1000);
    assert.equal(world.socket.last("sync").after, 2);
  });

  it("bring a new room, count in it, and take it away", async () => {
    const { world, client } = await anOnlinePage();
    let told_ = 0;
    client.on("rooms", () => (told_ += 1));
    world.socket.deliver({ type: "room", room: 8, info: room({ id: 8, name: "Coffee", last_seq: 1 }) });
    world.socket.deliver(told(post(2, { room: 8, author: BOB })));
    assert.equal(client.timelines.get(8)?.unread, 1);
    await world.clock.settle();
    assert.ok(told_ >= 2);
    world.socket.deliver({ type: "left", room: 8, reason: "removed" });
    assert.equal(client.timelines.has(8), false);
  });

  it("of people go to who draws them", async () => {
    const { world, client } = await anOnlinePage();
    /** @type {unknown[]} */
    const heard = [];
    client.on("presence", (event) => heard.push(event.here));
    client.on("typing", (event) => heard.push(event.user.username));
    world.socket.deliver({ type: "presence", room: 7, here: [1, 2] }, { type: "typing", room: 7, user: BOB });
    assert.deepEqual(heard, [[1, 2], "bob"]);
  });
});

describe("what the person does", () => {
  it("to a message is told, and refused with its reason", async () => {
    const { world, client } = await anOnlinePage();
    const edited = client.edit(7, 101, "new", "old");
    assert.deepEqual([world.socket.last("edit").body, world.socket.last("edit").was], ["new", "old"]);
    world.socket.answer("edit", { type: "changed", room: 7, seq: 3, message: post(1, { changed_seq: 3, body: "new" }) });
    await edited;
    const deleted = client.delete(7, 102);
    world.socket.answer("delete", { type: "error", code: "forbidden", detail: "It is not yours." });
    await assert.rejects(deleted, { code: "forbidden" });
    const reacted = client.react(7, 102, "👍", true);
    world.socket.fall(1006);
    await assert.rejects(reacted, { code: "offline" });
  });

  it("to a message while the page still connects waits for that, however it ends", async () => {
    const { world, client, greet } = aPage();
    const edited = client.edit(7, 101, "new");
    await greet({ rooms: [room()] });
    world.socket.answer("edit", { type: "changed", room: 7, seq: 3, message: post(1, { changed_seq: 3, body: "new" }) });
    await edited;
    world.socket.fall(1006);
    await assert.rejects(client.edit(7, 101, "newer"), { code: "offline" });
  });

  it("by reading is told at most once a second, the last mark always", async () => {
    const { world, client } = await anOnlinePage({ info: room({ last_seq: 5 }), first: page(posts(1, 5)) });
    for (const seq of [1, 2, 3, 3]) client.markRead(7, seq);
    assert.deepEqual(world.socket.all("read").map((command) => command.seq), [1]);
    for (const seq of [1]) world.socket.answer("read", { type: "read", room: 7, seq, unread: 4, mentions: 0 });
    await world.clock.advance(1000);
    assert.deepEqual(world.socket.all("read").map((command) => command.seq), [1, 3]);
    world.socket.answer("read", { type: "read", room: 7, seq: 3, unread: 2, mentions: 0 });
    await world.clock.advance(10_000);
    assert.equal(world.socket.all("read").length, 2);
  });

  it("can mark all rooms read", async () => {
    const { world, client, greet } = aPage();
    await greet({ rooms: [room({ last_seq: 2, unread: 2 }), room({ id: 8, last_seq: 4, unread: 3 })] });
    world.socket.deliver(told(post(5, { room: 8 })));
    client.markAllRead();
    assert.deepEqual(world.socket.all("read").map(({ room, seq }) => [room, seq]), [[7, 2], [8, 5]]);
    assert.equal(client.timelines.get(8)?.unread, 0);
  });

  it("by typing is told every few seconds", async () => {
    const { world, client } = await anOnlinePage();
    for (let key = 0; key < 35; key += 1) {
      client.typing(7);
      await world.clock.advance(100);
    }
    assert.equal(world.socket.all("typing").length, 2);
  });
});

describe("a page on whose browser somebody else has signed in", () => {
  it("sends nothing, hears nothing and comes back by itself no more", async () => {
    const { world, client, timeline } = await anOnlinePage();
    client.watch([7]);
    client.post(7, "mine");
    client.markRead(7, 2);
    world.socket.fall(1006);
    client.post(7, "mine, written without a network");
    await world.clock.advance(1000);
    /** @type {string[]} */
    const heard = [];
    for (const name of /** @type {const} */ (["hello", "person", "build"])) client.on(name, () => heard.push(name));
    world.socket.deliver(hello({ user: BOB, build: "b2" }), told(post(9)));
    client.typing(7);
    client.watch([7]);
    client.markRead(7, 9);
    await assert.rejects(client.edit(7, 101, "changed"), { code: "offline" });
    await world.clock.advance(600_000);
    world.wake();
    assert.deepEqual(client.state, { name: "other-person", user: BOB });
    assert.deepEqual(world.socket.sent, []);
    assert.deepEqual(heard, []);
    assert.ok(world.socket.isClosed);
    assert.equal(world.sockets.length, 2);
    assert.deepEqual(timeline.pending.map(({ body, state }) => [body, state]), [
      ["mine", "sending"],
      ["mine, written without a network", "sending"],
    ]);
  });

  it("keeps what was written for whoever wrote it", async () => {
    const { world, client } = aPage();
    client.post(7, "mine");
    world.socket.deliver(hello({ user: BOB }));
    assert.ok(world.browser.keys.every((key) => key.startsWith(`chat:outbox:${ALICE.id}:`)));
    const bobs = new ChatClient(world.surroundings(), { person: BOB, build: "b1" });
    bobs.open(room(), page([]));
    bobs.connect();
    world.socket.deliver(hello({ user: BOB }));
    assert.deepEqual(world.socket.sent, []);
    const again = aPage({ world });
    await again.greet();
    const { body, as } = world.socket.last("post");
    assert.deepEqual([body, as], ["mine", ALICE.id]);
  });
});

describe("names", () => {
  it("that people take are told, one's own as well, and the page tells up to which it knows", async () => {
    const world = new FakeWorld();
    const client = new ChatClient(world.surroundings(), { person: ALICE, build: "b1", people_version: 4 });
    /** @type {string[]} */
    const named = [];
    client.on("person", ({ name }) => named.push(name));
    client.open(room(), page([]));
    client.connect();
    world.socket.deliver(hello({ user: { ...ALICE, name: "Countess" } }));
    world.socket.deliver({ type: "person", version: 6, user: { ...BOB, name: "Robert" } });
    world.socket.deliver({ type: "person", version: 5, user: { ...ALICE, name: "Countess" } });
    assert.deepEqual(named, ["Countess", "Robert", "Countess"]);
    world.socket.fall(1006);
    await world.clock.advance(1000);
    assert.deepEqual(world.knownNames, [4, 6]);
  });
});

describe("a connection that is lost while a post is on its way", () => {
  /** @param {number} code @param {boolean} [isOffline] */
  async function lossesAfter(code, isOffline = false) {
    const { world, client, timeline } = await anOnlinePage();
    client.post(7, "hello");
    world.isOffline = isOffline;
    world.socket.fall(code);
    await world.clock.settle();
    return timeline.pending[0].losses ?? 0;
  }

  it("counts against the post unless it says why, or there is no network", async () => {
    for (const code of [1006, 1005, 1011, 1002]) assert.equal(await lossesAfter(code), 1, String(code));
    for (const code of [1000, 1001, 1012, 1013, 4401, 4403, 4408, 4409, 4412, 4413, 4429, 4503]) {
      assert.equal(await lossesAfter(code), 0, String(code));
    }
    assert.equal(await lossesAfter(1006, true), 0);
  });

  it("counts when the server has fallen silent over it", async () => {
    const { world, client, timeline } = await anOnlinePage();
    client.post(7, "hello");
    await world.clock.advance(20_000);
    assert.equal(timeline.pending[0].losses, 1);
  });

  it("does not count where it never came to a hello", async () => {
    const { world, client, timeline } = await anOnlinePage();
    client.post(7, "hello");
    world.socket.fall(1006);
    for (let tries = 0; tries < 20; tries += 1) {
      await world.clock.advance(15_000);
      world.socket.fall(1006);
    }
    assert.equal(timeline.pending[0].losses, 1);
  });
});
