/** @import { Pending, PostCommand } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Outbox } from "../../chat/static/chat/js/outbox.js";
import { RefusedError } from "../../chat/static/chat/js/refused-error.js";
import { FakeWorld } from "./support/world.js";

/** An outbox whose other end is the test. @param {FakeWorld} world @param {number} person */
function anOutbox(world = new FakeWorld(), person = 1) {
  /** @type {{command: PostCommand, accept: () => Promise<void>, refuse: (code: string, retry_after?: number) => Promise<void>}[]} */
  const sent = [];
  const outbox = new Outbox(person, world.surroundings(), (command) => {
    return new Promise((resolve, reject) => {
      const accept = () => (resolve(null), world.clock.settle());
      const refuse = (/** @type {string} */ code, /** @type {number | undefined} */ retry_after) => {
        reject(new RefusedError({ code, detail: `It was ${code}.`, retry_after }));
        return world.clock.settle();
      };
      sent.push({ command, accept, refuse });
    });
  });
  /** @type {Pending[]} */
  const gone = [];
  outbox.on("gone", (pending) => gone.push(pending));
  const bodies = () => sent.map(({ command }) => command.body);
  return { world, outbox, sent, gone, bodies };
}

function anOpenOutbox() {
  const all = anOutbox();
  all.outbox.resume();
  return all;
}

describe("the outbox", () => {
  it("sends a post under a client_id, and forgets it once it is acknowledged", async () => {
    const { world, outbox, sent, gone } = anOpenOutbox();
    const pending = outbox.add(7, "hello", 31);
    assert.equal(pending.state, "sending");
    assert.deepEqual(sent[0].command, { type: "post", room: 7, as: 1, client_id: pending.client_id, body: "hello", reply_to: 31 });
    assert.equal(world.browser.keys.length, 1);
    await sent[0].accept();
    assert.deepEqual(gone, [pending]);
    assert.deepEqual(world.browser.keys, []);
    assert.deepEqual(outbox.ofRoom(7), []);
  });

  it("keeps what is written without a connection, and sends it in order", async () => {
    const { outbox, sent, bodies } = anOutbox();
    for (const body of ["one", "two", "three"]) outbox.add(7, body, null);
    assert.equal(sent.length, 0);
    outbox.resume();
    for (let index = 0; index < 3; index += 1) await sent[index].accept();
    assert.deepEqual(bodies(), ["one", "two", "three"]);
  });

  it("sends a room's next post only once the one before is answered, other rooms' meanwhile", async () => {
    const { outbox, sent, bodies } = anOpenOutbox();
    outbox.add(7, "one", null);
    outbox.add(7, "two", null);
    outbox.add(8, "elsewhere", null);
    assert.deepEqual(bodies(), ["one", "elsewhere"]);
    await sent[0].accept();
    assert.deepEqual(bodies(), ["one", "elsewhere", "two"]);
  });

  it("sends again, the same, what the lost connection had not answered", async () => {
    const { outbox, sent } = anOpenOutbox();
    outbox.add(7, "one", null);
    outbox.add(7, "two", null);
    outbox.suspend();
    await sent[0].refuse("offline");
    assert.equal(sent.length, 1);
    assert.equal(outbox.ofRoom(7)[0].state, "sending");
    outbox.resume();
    assert.deepEqual(sent[1].command, sent[0].command);
    await sent[1].accept();
    assert.equal(sent[2].command.body, "two");
  });

  it("tries again by itself after retry_after, and nothing overtakes meanwhile", async () => {
    const { world, outbox, sent, bodies } = anOpenOutbox();
    outbox.add(7, "one", null);
    outbox.add(7, "two", null);
    await sent[0].refuse("rate_limited", 4);
    outbox.add(7, "three", null);
    await world.clock.advance(3999);
    assert.deepEqual(bodies(), ["one"]);
    await world.clock.advance(500);
    assert.deepEqual(bodies(), ["one", "one"]);
    assert.equal(sent[1].command.client_id, sent[0].command.client_id);
    await sent[1].accept();
    await sent[2].accept();
    assert.deepEqual(bodies(), ["one", "one", "two", "three"]);
  });

  it("tries again with growing pauses while the server cannot store", async () => {
    const { world, outbox, sent } = anOpenOutbox();
    world.chance = () => 0.999999;
    outbox.add(7, "one", null);
    const pauses = [];
    for (let failure = 0; failure < 8; failure += 1) {
      const start = world.clock.now();
      await sent[failure].refuse("unavailable");
      while (sent.length === failure + 1) await world.clock.advance(100);
      pauses.push(world.clock.now() - start);
    }
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    assert.equal(outbox.ofRoom(7)[0].state, "sending");
  });

  it("waits shortly again after a trouble that is over", async () => {
    const { world, outbox, sent } = anOpenOutbox();
    world.chance = () => 0.999999;
    outbox.add(7, "one", null);
    outbox.add(7, "two", null);
    for (let failure = 0; failure < 5; failure += 1) {
      await sent[failure].refuse("unavailable");
      await world.clock.advance(30_000);
    }
    await sent[5].accept();
    await sent[6].refuse("unavailable");
    await world.clock.advance(500);
    assert.equal(sent.length, 8);
  });

  it("fails for good on any other code, with its text, and goes on with the next", async () => {
    for (const code of ["invalid", "forbidden", "not_found", "too_large", "something_new"]) {
      const { outbox, sent, bodies } = anOpenOutbox();
      outbox.add(7, "one", null);
      outbox.add(7, "two", null);
      await sent[0].refuse(code);
      const [failed] = outbox.ofRoom(7);
      assert.equal(failed.state, "failed");
      assert.deepEqual(failed.error, { code, detail: `It was ${code}.` });
      assert.deepEqual(bodies(), ["one", "two"]);
    }
  });

  it("sends a failed post again when asked, under the same client_id with the same body", async () => {
    const { outbox, sent } = anOpenOutbox();
    const { client_id } = outbox.add(7, "one", null);
    await sent[0].refuse("forbidden");
    outbox.retry(client_id);
    assert.deepEqual(sent[1].command, sent[0].command);
    assert.equal(outbox.ofRoom(7)[0].state, "sending");
    assert.equal(outbox.ofRoom(7)[0].error, null);
  });

  it("discards a failed post when asked, never one that may be stored by now", async () => {
    const { world, outbox, sent } = anOpenOutbox();
    const { client_id } = outbox.add(7, "one", null);
    assert.equal(outbox.discard(client_id), null);
    await sent[0].refuse("forbidden");
    assert.equal(outbox.discard(client_id)?.body, "one");
    assert.deepEqual(outbox.ofRoom(7), []);
    assert.deepEqual(world.browser.keys, []);
  });

  it("forgets a post that was seen as a message, and sends it no more", async () => {
    const { outbox, sent, bodies } = anOpenOutbox();
    const { client_id } = outbox.add(7, "one", null);
    outbox.suspend();
    await sent[0].refuse("offline");
    outbox.settle(client_id);
    outbox.add(7, "two", null);
    outbox.resume();
    assert.deepEqual(bodies(), ["one", "two"]);
  });

  it("gives no client_id twice", () => {
    const { outbox } = anOutbox();
    const ids = Array.from({ length: 50 }, () => outbox.add(7, "same", null).client_id);
    assert.equal(new Set(ids).size, 50);
  });
});

describe("over a reload", () => {
  it("unsent posts come back in their order, and go out with their client_ids", async () => {
    const before = anOutbox();
    const made = ["one", "two", "three"].map((body) => before.outbox.add(7, body, null));
    const { outbox, sent, bodies } = anOutbox(before.world);
    assert.deepEqual(outbox.ofRoom(7), made);
    outbox.resume();
    for (let index = 0; index < 3; index += 1) await sent[index].accept();
    assert.deepEqual(bodies(), ["one", "two", "three"]);
    assert.equal(sent[0].command.client_id, made[0].client_id);
    assert.deepEqual(before.world.browser.keys, []);
  });

  it("failed ones stay failed", async () => {
    const before = anOpenOutbox();
    before.outbox.add(7, "one", null);
    await before.sent[0].refuse("forbidden");
    const { outbox, sent } = anOutbox(before.world);
    outbox.resume();
    assert.equal(sent.length, 0);
    assert.equal(outbox.ofRoom(7)[0].state, "failed");
  });

  it("another person on the same browser gets none of them", () => {
    const before = anOutbox();
    before.outbox.add(7, "mine", null);
    assert.deepEqual(anOutbox(before.world, 2).outbox.ofRoom(7), []);
  });

  it("nothing of what cannot be read is in the way", () => {
    const world = new FakeWorld();
    world.browser.tab().storage.setItem("chat:outbox:1:broken", "{");
    assert.deepEqual(anOutbox(world).outbox.ofRoom(7), []);
  });

  it("a storage that refuses is no hindrance to talking", async () => {
    const world = new FakeWorld();
    const surroundings = world.surroundings();
    const refuse = () => {
      throw new Error("QuotaExceededError");
    };
    /** @type {PostCommand[]} */
    const sent = [];
    const storage = { length: 0, key: refuse, getItem: refuse, setItem: refuse, removeItem: refuse };
    const outbox = new Outbox(1, { ...surroundings, storage }, async (command) => void sent.push(command));
    outbox.resume();
    outbox.add(7, "one", null);
    await world.clock.settle();
    assert.equal(sent.length, 1);
    assert.deepEqual(outbox.ofRoom(7), []);
  });
});

describe("two tabs of one person", () => {
  it("do not lose each other's posts", () => {
    const one = anOutbox();
    const other = anOutbox(one.world);
    one.outbox.add(7, "from one", null);
    other.outbox.add(7, "from the other", null);
    one.outbox.add(7, "from one again", null);
    assert.equal(one.world.browser.keys.length, 3);
  });

  it("both drop a failed post that one of them discards", async () => {
    const one = anOpenOutbox();
    const { client_id } = one.outbox.add(7, "one", null);
    await one.sent[0].refuse("forbidden");
    const other = anOutbox(one.world);
    one.outbox.discard(client_id);
    assert.deepEqual(other.outbox.ofRoom(7), []);
    assert.equal(other.gone.length, 1);
  });

  it("each keep showing a post that the other sent, until its message is seen", async () => {
    const one = anOpenOutbox();
    one.outbox.add(7, "one", null);
    const other = anOutbox(one.world);
    await one.sent[0].accept();
    assert.equal(other.outbox.ofRoom(7).length, 1);
  });
});

describe("a post on which the connection breaks", () => {
  /** @param {ReturnType<typeof anOutbox>} all @param {boolean} [unexplained] */
  async function lose({ outbox, sent }, unexplained = true) {
    outbox.suspend(unexplained);
    await sent[sent.length - 1].refuse("offline");
  }

  /** The connection stands long enough to have shown that it does. @param {ReturnType<typeof anOutbox>} all */
  async function stand({ outbox, world }) {
    outbox.resume();
    await world.clock.advance(3000);
  }

  /** @param {ReturnType<typeof anOutbox>} all @param {number} times */
  async function loseAgainAndAgain(all, times) {
    for (let loss = 0; loss < times; loss += 1) {
      await stand(all);
      await lose(all);
    }
  }

  it("three times waits for its author, and those behind it go on", async () => {
    const all = anOutbox();
    const { outbox, bodies } = all;
    outbox.add(7, "poison", null);
    outbox.add(7, "after it", null);
    await loseAgainAndAgain(all, 3);
    const [failed, next] = outbox.ofRoom(7);
    assert.deepEqual([failed.state, failed.error?.code], ["failed", "line_broke"]);
    assert.equal(next.state, "sending");
    await stand(all);
    assert.deepEqual(bodies(), ["poison", "poison", "poison", "after it"]);
  });

  it("waits over reloads, and its losses are counted through them", async () => {
    const first = anOutbox();
    first.outbox.add(7, "poison", null);
    await loseAgainAndAgain(first, 2);
    const second = anOutbox(first.world);
    await loseAgainAndAgain(second, 1);
    assert.equal(second.outbox.ofRoom(7)[0].state, "failed");
    const third = anOutbox(first.world);
    await stand(third);
    assert.equal(third.sent.length, 0);
    assert.equal(third.outbox.ofRoom(7)[0].error?.code, "line_broke");
  });

  it("goes out again, the same, when its author says so", async () => {
    const all = anOutbox();
    const { client_id } = all.outbox.add(7, "unlucky", null);
    await loseAgainAndAgain(all, 3);
    await stand(all);
    all.outbox.retry(client_id);
    assert.deepEqual(all.sent[3].command, all.sent[0].command);
    await all.sent[3].accept();
    assert.deepEqual(all.world.browser.keys, []);
  });

  it("is not blamed for a close that says why, however often", async () => {
    const all = anOutbox();
    all.outbox.add(7, "patient", null);
    for (let loss = 0; loss < 10; loss += 1) {
      await stand(all);
      await lose(all, false);
    }
    assert.equal(all.outbox.ofRoom(7)[0].state, "sending");
    assert.equal(all.sent.length, 10);
  });

  it("is not blamed for tries that never came through: an hour in a tunnel", async () => {
    const all = anOutbox();
    const { outbox, sent, world } = all;
    outbox.add(7, "from the train", null);
    outbox.resume();
    await lose(all);
    for (let tries = 0; tries < 240; tries += 1) {
      await world.clock.advance(15_000);
      outbox.suspend(true);
    }
    outbox.resume();
    await sent[1].accept();
    assert.deepEqual(outbox.ofRoom(7), []);
  });

  it("is not blamed where the line breaks without it as well: a bad network", async () => {
    const all = anOutbox();
    const { outbox, sent, world } = all;
    outbox.add(7, "from the mountains", null);
    for (let day = 0; day < 10; day += 1) {
      for (let loss = 0; loss < 2; loss += 1) {
        outbox.resume();
        await world.clock.settle();
        await lose(all);
      }
      outbox.resume();
      await world.clock.advance(1000);
      outbox.suspend(true);
    }
    assert.equal(sent.length, 20);
    assert.equal(outbox.ofRoom(7)[0].state, "sending");
    outbox.resume();
    await sent[sent.length - 1].accept();
    assert.deepEqual(outbox.ofRoom(7), []);
  });

  it("is not blamed for what another room's post was on its way with alone", async () => {
    const all = anOutbox();
    all.outbox.resume();
    all.outbox.add(7, "answered", null);
    await all.sent[0].accept();
    all.outbox.add(8, "poison", null);
    await lose(all);
    assert.equal(all.outbox.ofRoom(8)[0].losses, 1);
    all.outbox.add(7, "written meanwhile", null);
    all.outbox.suspend(true);
    assert.equal(all.outbox.ofRoom(7)[0].losses, undefined);
  });

  it("is held back by both tabs once one of them knows", async () => {
    const one = anOutbox();
    one.outbox.add(7, "poison", null);
    const other = anOutbox(one.world);
    await loseAgainAndAgain(one, 2);
    await loseAgainAndAgain(other, 1);
    assert.equal(other.outbox.ofRoom(7)[0].state, "failed");
    assert.equal(one.outbox.ofRoom(7)[0].state, "failed");
    await stand(one);
    assert.equal(one.sent.length, 2);
  });
});
