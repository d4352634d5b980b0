/** @import { Synced } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Connection } from "../../chat/static/chat/js/connection.js";
import { hello } from "./support/shapes.js";
import { FakeWorld, seeded } from "./support/world.js";

function aConnection() {
  const world = new FakeWorld();
  const connection = new Connection(world.surroundings());
  /** @type {string[]} */
  const states = [];
  connection.on("state", (state) => states.push(state.name));
  return { world, connection, states };
}

async function anOnlineConnection() {
  const all = aConnection();
  all.connection.connect();
  all.world.socket.deliver(hello());
  await all.world.clock.settle();
  return all;
}

/** How long until the next socket is opened. @param {FakeWorld} world @param {number} most */
async function pauseOf(world, most) {
  const before = world.sockets.length;
  const start = world.clock.now();
  while (world.sockets.length === before && world.clock.now() - start <= most) await world.clock.advance(10);
  return world.clock.now() - start;
}

describe("a connection", () => {
  it("is online from the hello on", () => {
    const { world, connection, states } = aConnection();
    assert.equal(connection.state.name, "closed");
    connection.connect();
    assert.equal(connection.state.name, "connecting");
    world.socket.deliver(hello());
    assert.deepEqual(states, ["connecting", "online"]);
  });

  it("hands on every event of a frame, in order, to listeners who find it online", () => {
    const { world, connection } = aConnection();
    /** @type {string[]} */
    const heard = [];
    connection.on("event", (event) => heard.push(`${event.type} ${connection.state.name}`));
    connection.connect();
    world.socket.deliver(hello(), { type: "skipped", room: 7, seq: 1 });
    assert.deepEqual(heard, ["hello online", "skipped online"]);
  });

  it("hands on nothing more of a frame once it is closed", () => {
    const { world, connection } = aConnection();
    /** @type {string[]} */
    const heard = [];
    connection.on("event", (event) => {
      heard.push(event.type);
      connection.close();
    });
    connection.connect();
    world.socket.deliver(hello(), { type: "skipped", room: 7, seq: 1 });
    assert.deepEqual(heard, ["hello"]);
  });

  it("opens one socket however often it is told to connect", () => {
    const { world, connection } = aConnection();
    connection.connect();
    connection.connect();
    assert.equal(world.sockets.length, 1);
  });

  it("does not wait for a hello for ever", async () => {
    const { world, connection, states } = aConnection();
    connection.connect();
    await world.clock.advance(15_000);
    assert.equal(world.sockets[0].isClosed, true);
    assert.deepEqual(states.slice(0, 2), ["connecting", "waiting"]);
    await world.clock.advance(500);
    assert.equal(world.sockets.length, 2);
  });

  it("hears nothing from a socket that it gave up", async () => {
    const { world, connection, states } = aConnection();
    connection.connect();
    await world.clock.advance(16_000);
    world.sockets[0].deliver(hello());
    world.sockets[0].fall(4401);
    assert.equal(states.includes("online") || states.includes("signed-out"), false);
  });

  it("closes when told and stays closed", async () => {
    const { world, connection } = await anOnlineConnection();
    connection.close();
    await world.clock.advance(600_000);
    assert.equal(world.sockets.length, 1);
    assert.equal(world.socket.isClosed, true);
    assert.equal(connection.state.name, "closed");
    assert.equal(world.clock.waiting, 0);
  });
});

describe("after a loss", () => {
  it("says when it will try again, and does", async () => {
    const { world, connection } = await anOnlineConnection();
    const start = world.clock.now();
    world.socket.fall(1006);
    const state = connection.state;
    assert.ok(state.name === "waiting");
    assert.equal(state.retryAt, start + 250);
    await world.clock.advance(249);
    assert.equal(world.sockets.length, 1);
    await world.clock.advance(1);
    assert.equal(world.sockets.length, 2);
  });

  it("waits longer after each failure, up to half a minute", async () => {
    const { world, connection } = aConnection();
    world.chance = () => 0.999999;
    connection.connect();
    const pauses = [];
    for (let failure = 0; failure < 9; failure += 1) {
      world.socket.fall(1006);
      pauses.push(await pauseOf(world, 40_000));
    }
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
  });

  it("spreads the tries of many over the whole pause", async () => {
    const random = seeded(1);
    const pauses = [];
    for (let person = 0; person < 200; person += 1) {
      const { world } = await anOnlineConnection();
      world.chance = random;
      world.socket.fall(1006);
      pauses.push(await pauseOf(world, 600));
    }
    for (const [from, to] of [[0, 125], [125, 250], [250, 375], [375, 510]]) {
      const share = pauses.filter((pause) => from <= pause && pause < to).length;
      assert.ok(share > 25, `${share} of 200 between ${from} and ${to} ms`);
    }
  });

  it("starts small again only after a connection that held", async () => {
    const { world, connection } = aConnection();
    world.chance = () => 0.999999;
    connection.connect();
    for (const expected of [500, 1000, 2000]) {
      world.socket.deliver(hello());
      await world.clock.advance(9_000);
      world.socket.fall(4503);
      assert.equal(await pauseOf(world, 40_000), expected);
    }
    world.socket.deliver(hello());
    await world.clock.advance(10_000);
    world.socket.fall(1006);
    assert.equal(await pauseOf(world, 40_000), 500);
  });

  it("comes back at a random time within three seconds when the server restarts", async () => {
    for (const [chance, expected] of [[0, 10], [0.5, 1500], [0.999999, 3000]]) {
      const { world } = await anOnlineConnection();
      world.chance = () => chance;
      world.socket.fall(4412);
      assert.equal(await pauseOf(world, 4000), expected);
    }
  });

  it("comes back after every code but three", async () => {
    for (const code of [1000, 1001, 1006, 1009, 1011, 4408, 4412, 4413, 4429, 4503, 4999]) {
      const { world } = await anOnlineConnection();
      world.socket.fall(code);
      await world.clock.advance(3000);
      assert.equal(world.sockets.length, 2, `after ${code}`);
    }
  });

  it("never comes back by itself once signed out or blocked", async () => {
    for (const [code, state] of /** @type {const} */ ([[4401, "signed-out"], [4403, "blocked"]])) {
      const { world, connection } = await anOnlineConnection();
      world.socket.fall(code);
      assert.equal(connection.state.name, state);
      world.wake();
      await world.clock.advance(600_000);
      assert.equal(world.sockets.length, 1);
      connection.connect();
      assert.equal(world.sockets.length, 2, "the person may ask for it");
    }
  });

  it("pauses where too many are open, until the person is back at this tab", async () => {
    const { world, connection } = await anOnlineConnection();
    world.socket.fall(4409);
    assert.equal(connection.state.name, "paused");
    world.wake();
    await world.clock.advance(600_000);
    assert.equal(world.sockets.length, 1);
    world.return();
    assert.equal(world.sockets.length, 2);
    world.socket.deliver(hello());
    world.return();
    assert.equal(world.sockets.length, 2, "and not while it is online");
  });

  it("tries at once when the network or the person is back", async () => {
    const { world } = await anOnlineConnection();
    world.socket.fall(1006);
    world.wake();
    assert.equal(world.sockets.length, 2);
    await world.clock.advance(1000);
    assert.equal(world.sockets.length, 2, "and not once more when the pause is over");
  });

  it("finds out soon whether it still lives when the person is back", async () => {
    const { world } = await anOnlineConnection();
    world.wake();
    assert.equal(world.socket.all("heartbeat").length, 1);
    await world.clock.advance(5_300);
    assert.equal(world.sockets.length, 2);
  });
});

describe("heartbeats", () => {
  it("go every 25 seconds and tell the frames received", async () => {
    const { world } = await anOnlineConnection();
    await world.clock.advance(24_999);
    assert.equal(world.socket.all("heartbeat").length, 0);
    world.socket.deliver({ type: "typing", room: 7 }, { type: "typing", room: 7 });
    await world.clock.advance(1);
    assert.equal(world.socket.last("heartbeat").received, 2);
    world.socket.answer("heartbeat", { type: "heartbeat", heads: {} });
    await world.clock.advance(25_000);
    assert.equal(world.socket.last("heartbeat").received, 3);
  });

  it("go as often as the hello says", async () => {
    const { world, connection } = aConnection();
    connection.connect();
    world.socket.deliver(hello({ heartbeat: 3 }));
    await world.clock.advance(3000);
    assert.equal(world.socket.all("heartbeat").length, 1);
  });

  it("go at once after 64 frames, counted since the last one", async () => {
    const { world } = await anOnlineConnection();
    const typing = { type: "typing", room: 7 };
    for (let frame = 0; frame < 62; frame += 1) world.socket.deliver(typing);
    assert.equal(world.socket.all("heartbeat").length, 0);
    world.socket.deliver(typing);
    assert.equal(world.socket.last("heartbeat").received, 64);
    for (let frame = 0; frame < 63; frame += 1) world.socket.deliver(typing);
    assert.equal(world.socket.all("heartbeat").length, 1);
    world.socket.deliver(typing);
    assert.equal(world.socket.last("heartbeat").received, 128);
  });

  it("go at once after 256 KiB, as counted on the wire", async () => {
    const { world } = await anOnlineConnection();
    const text = "好".repeat(30_000);
    world.socket.deliver({ type: "typing", room: 7, text });
    world.socket.deliver({ type: "typing", room: 7, text });
    assert.equal(world.socket.all("heartbeat").length, 0);
    world.socket.deliver({ type: "typing", room: 7, text });
    assert.equal(world.socket.last("heartbeat").received, 4);
    world.socket.deliver({ type: "typing", room: 7, text });
    assert.equal(world.socket.all("heartbeat").length, 1);
  });

  it("count anew on a new connection", async () => {
    const { world } = await anOnlineConnection();
    world.socket.deliver({ type: "typing", room: 7 });
    world.socket.fall(1006);
    await world.clock.advance(300);
    world.socket.deliver(hello());
    await world.clock.advance(25_000);
    assert.equal(world.socket.last("heartbeat").received, 1);
    assert.equal(world.sockets[0].all("heartbeat").length, 0);
  });

  it("without an answer show that the connection is dead", async () => {
    const { world, connection } = await anOnlineConnection();
    await world.clock.advance(25_000);
    await world.clock.advance(19_999);
    assert.equal(connection.state.name, "online");
    await world.clock.advance(1);
    assert.equal(connection.state.name, "waiting");
    assert.equal(world.sockets[0].isClosed, true);
  });
});

describe("a command", () => {
  it("resolves with the reply that carries its ref", async () => {
    const { world, connection } = await anOnlineConnection();
    /** @type {Promise<Synced>} */
    const first = connection.request({ type: "sync", room: 7, after: 0 });
    /** @type {Promise<Synced>} */
    const second = connection.request({ type: "sync", room: 8, after: 0 });
    const [one, other] = world.socket.all("sync");
    assert.notEqual(one.ref, other.ref);
    world.socket.deliver({ type: "synced", room: 8, ref: other.ref }, { type: "synced", room: 7, ref: one.ref });
    assert.deepEqual([(await first).room, (await second).room], [7, 8]);
  });

  it("rejects with the code and text of an error, and the connection stays", async () => {
    const { world, connection } = await anOnlineConnection();
    const edit = connection.request({ type: "edit", room: 7, message: 1, body: "" });
    world.socket.answer("edit", { type: "error", code: "invalid", detail: "Say something.", errors: { body: "Say something." } });
    await assert.rejects(edit, { code: "invalid", message: "Say something.", errors: { body: "Say something." } });
    assert.equal(connection.state.name, "online");
  });

  it("rejects when the connection falls before the answer", async () => {
    const { world, connection } = await anOnlineConnection();
    const edit = connection.request({ type: "edit", room: 7, message: 1, body: "a" });
    world.socket.fall(1006);
    await assert.rejects(edit, { code: "offline" });
  });

  it("rejects while there is no connection, and nothing is sent later", async () => {
    const { world, connection } = aConnection();
    connection.connect();
    await assert.rejects(connection.request({ type: "delete", room: 7, message: 1 }), { code: "offline" });
    assert.equal(connection.send({ type: "typing", room: 7 }), false);
    world.socket.deliver(hello());
    await world.clock.settle();
    assert.deepEqual(world.socket.sent, []);
  });

  it("that is never answered shows that the connection is dead", async () => {
    const { world, connection } = await anOnlineConnection();
    const edit = connection.request({ type: "edit", room: 7, message: 1, body: "a" });
    await Promise.all([assert.rejects(edit, { code: "offline" }), world.clock.advance(20_000)]);
    assert.equal(world.sockets[0].isClosed, true);
  });

  it("too large for the server is refused here, since it would close every connection that it goes out on", async () => {
    const { world, connection } = await anOnlineConnection();
    const body = "好".repeat(90_000);
    await assert.rejects(connection.request({ type: "edit", room: 7, message: 1, body }), { code: "too_large" });
    assert.deepEqual(world.socket.sent, []);
  });
});
