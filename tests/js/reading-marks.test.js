import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ReadingMarks } from "../../chat/static/chat/js/reading-marks.js";

/** @returns {{marks: ReadingMarks, told: [number, number][], rest: () => void}} */
function setting() {
  /** @type {[number, number][]} */
  const told = [];
  /** @type {(() => void)[]} */
  const timers = [];
  const clock = { setTimeout: (/** @type {() => void} */ callback) => timers.push(callback) };
  const marks = new ReadingMarks(clock, (room, seq) => told.push([room, seq]));
  return { marks, told, rest: () => timers.splice(0).forEach((callback) => callback()) };
}

describe("a reading mark", () => {
  it("is told at once, and those within a second after it as one", () => {
    const { marks, told, rest } = setting();
    for (const seq of [1, 2, 3]) marks.mark(7, seq);
    assert.deepEqual(told, [[7, 1]]);
    rest();
    assert.deepEqual(told, [[7, 1], [7, 3]]);
  });

  it("is told before the page goes, and then not again", () => {
    const { marks, told, rest } = setting();
    marks.mark(7, 1);
    marks.mark(7, 2);
    marks.flush();
    assert.deepEqual(told, [[7, 1], [7, 2]]);
    rest();
    assert.deepEqual(told, [[7, 1], [7, 2]]);
  });
});
