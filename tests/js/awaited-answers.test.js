import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AwaitedAnswers } from "../../chat/static/chat/js/awaited-answers.js";

/** Answers whose timers the test counts. */
function awaiting() {
  /** @type {number[]} */
  const cleared = [];
  let timers = 0;
  const clock = { setTimeout: () => (timers += 1), clearTimeout: (/** @type {number} */ timer) => void cleared.push(timer) };
  const answers = new AwaitedAnswers(clock, () => {});
  return { answers, cleared };
}

/** @param {number} ref @returns {any} */
const answered = (ref) => ({ type: "changed", room: 1, seq: 1, ref });

describe("an answer", () => {
  it("is forgotten once it has come", async () => {
    const { answers, cleared } = awaiting();
    const { ref, answer } = answers.expect(1000);
    answers.settle(answered(ref));
    assert.equal((await answer).ref, ref);
    assert.deepEqual(cleared, [1]);
    answers.settle(answered(ref));
    answers.giveUp();
    assert.deepEqual(cleared, [1], "nothing of it is left");
  });

  it("is forgotten once nobody waits for it any more", async () => {
    const { answers, cleared } = awaiting();
    const { ref, answer } = answers.expect(1000);
    answers.giveUp();
    await assert.rejects(answer, { code: "offline" });
    assert.deepEqual(cleared, [1]);
    answers.giveUp();
    answers.settle(answered(ref));
    assert.deepEqual(cleared, [1]);
  });

  it("is that of its own command", async () => {
    const { answers } = awaiting();
    const [one, other] = [answers.expect(1000), answers.expect(1000)];
    answers.settle({ type: "error", code: "invalid", detail: "no", ref: other.ref });
    await assert.rejects(other.answer, { code: "invalid" });
    answers.settle(answered(one.ref));
    assert.equal((await one.answer).ref, one.ref);
  });
});
