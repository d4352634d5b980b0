/** @import { Message } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { People } from "../../chat/static/chat/js/people.js";
import { ALICE, BOB, post } from "./support/shapes.js";

const ROBERT = { ...BOB, name: "Robert" };
const CAROL = { ...BOB, id: BOB.id + 1, username: "carol", name: "Carol" };

describe("people", () => {
  it("are called as what was met last has them, until the server tells a name", () => {
    const people = new People(7, ALICE);
    people.meet(BOB);
    people.meet({ ...BOB, name: "Bobby" });
    assert.equal(people.find(BOB.id)?.name, "Bobby");
    assert.equal(people.rename(ROBERT), true);
    assert.equal(people.find(BOB.id)?.name, "Robert");
  });

  it("keep a name that was told, whatever comes later from before it", () => {
    const people = new People(7, ALICE);
    people.rename(ROBERT);
    people.meetAuthors(/** @type {Message[]} */ ([post(1), post(2)]));
    people.meet({ ...BOB, name: "from a cached page" });
    assert.deepEqual(people.find(BOB.id), ROBERT);
    assert.deepEqual(people.now(BOB), ROBERT);
    assert.deepEqual(people.now(ALICE), ALICE);
    people.rename({ ...ROBERT, name: "Rob" });
    assert.equal(people.now(ROBERT).name, "Rob");
  });

  it("say whether a told name is another one, the username beside it included", () => {
    const people = new People(7, ALICE);
    assert.equal(people.rename({ ...ALICE }), false);
    assert.equal(people.rename({ ...ALICE, ambiguous: true }), true);
    assert.equal(people.rename({ ...ALICE, ambiguous: true }), false);
    assert.equal(people.rename(ALICE), true);
  });

  it("are asked for once by however many need them at once, and neighbours come along", async (test) => {
    const people = new People(7, ALICE);
    const asked = test.mock.method(globalThis, "fetch", async () => ({ ok: true, json: async () => [BOB, CAROL] }));
    const looks = await Promise.all([people.look([BOB.id]), people.look([BOB.id, CAROL.id]), people.look([CAROL.id])]);
    assert.deepEqual(looks, [[BOB], [BOB, CAROL], [CAROL]]);
    assert.equal(asked.mock.callCount(), 1);
  });
});
