import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reading } from "../../chat/static/chat/js/reading.js";
import { FakeClock } from "./support/clock.js";

/** A room in which everything after `readSeq` is unread. @param {number} readSeq */
function aReading(readSeq = 0) {
  const clock = new FakeClock();
  const room = { readSeq, isAttended: true };
  const reading = new Reading(clock, {
    isAttended: () => room.isAttended,
    isReadBefore: (seq) => seq <= room.readSeq + 1,
    mark: (seq) => (room.readSeq = Math.max(room.readSeq, seq)),
  });
  return { clock, room, reading };
}

describe("a message is read", () => {
  it("when it has stood in view for a second", async () => {
    const { clock, room, reading } = aReading();
    reading.see({ first: 1, last: 10 });
    await clock.advance(999);
    assert.equal(room.readSeq, 0);
    await clock.advance(1);
    assert.equal(room.readSeq, 10);
  });

  it("not before its own second is over, whatever stood there longer", async () => {
    const { clock, room, reading } = aReading();
    reading.see({ first: 1, last: 10 });
    await clock.advance(600);
    reading.see({ first: 1, last: 14 });
    await clock.advance(400);
    assert.equal(room.readSeq, 10);
    await clock.advance(600);
    assert.equal(room.readSeq, 14);
  });

  it("at once when it was passed by scrolling", () => {
    const { room, reading } = aReading();
    reading.see({ first: 1, last: 10 });
    reading.see({ first: 8, last: 18 });
    assert.equal(room.readSeq, 7);
    reading.see({ first: 30, last: 40 });
    assert.equal(room.readSeq, 29);
  });

  it("not when one came past it by a jump", async () => {
    const { clock, room, reading } = aReading();
    reading.see({ first: 1, last: 10 });
    reading.lookAway();
    reading.see({ first: 300, last: 310 });
    await clock.advance(5000);
    assert.equal(room.readSeq, 0);
  });

  it("not when it was scrolled away below within the second", async () => {
    const { clock, room, reading } = aReading();
    reading.see({ first: 5, last: 20 });
    await clock.advance(500);
    reading.see({ first: 1, last: 9 });
    await clock.advance(500);
    assert.equal(room.readSeq, 9, "these have stood there all the time");
    await clock.advance(5000);
    assert.equal(room.readSeq, 9);
  });

  it("not while nobody looks, and a second after somebody does", async () => {
    const { clock, room, reading } = aReading();
    room.isAttended = false;
    reading.see({ first: 1, last: 10 });
    await clock.advance(5000);
    room.isAttended = true;
    reading.see({ first: 1, last: 10 });
    await clock.advance(500);
    room.isAttended = false;
    await clock.advance(5000);
    assert.equal(room.readSeq, 0, "they looked away within the second");
  });

  it("not again and again: no timer is left behind", async () => {
    const { clock, reading } = aReading();
    reading.see({ first: 1, last: 10 });
    await clock.advance(1000);
    assert.equal(clock.waiting, 0);
    reading.see({ first: 1, last: 10 });
    reading.lookAway();
    assert.equal(clock.waiting, 0);
  });
});
