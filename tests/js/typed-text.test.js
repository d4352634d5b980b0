import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asSent, isBlank, lengthOf } from "../../chat/static/chat/js/typed-text.js";

describe("what is sent of what was typed", () => {
  it("keeps the indentation of its first line, and loses blank lines before and blanks after", () => {
    assert.equal(asSent("    if x:\n        y\n"), "    if x:\n        y");
    assert.equal(asSent("\n \t\n\tx  \n\n"), "\tx");
    assert.equal(asSent("a\n\nb"), "a\n\nb");
    assert.equal(asSent(" \n "), "");
  });

  it("holds no half of an emoji, which no server can read", () => {
    assert.equal(asSent("a\ud83d"), "a\ufffd");
    assert.equal(asSent("\udc4db 👍"), "\ufffdb 👍");
  });

  it("is found in a time that grows as the text does", () => {
    for (const text of [" ".repeat(1e6) + "x", (" ".repeat(999) + "\n").repeat(1e3) + "x", "x" + " \n".repeat(5e5) + "x"]) {
      const began = performance.now();
      asSent(text);
      assert.ok(performance.now() - began < 500);
    }
  });
});

describe("how much it is", () => {
  it("is counted in code points, as the server counts", () => {
    assert.equal(lengthOf("👍".repeat(10)), 10);
    assert.equal(lengthOf("é"), 1);
    assert.equal(lengthOf("👨‍👩‍👧"), 5);
    assert.equal(lengthOf("\ud83d"), 1);
  });
});

describe("what nobody can see", () => {
  it("is blank", () => {
    for (const text of ["", " \n", "\u200b\u200d", "\u3164", "\u2800", "\u00ad", "\ufeff", "\u202e", "\u115f\u1160"]) {
      assert.equal(isBlank(text), true, JSON.stringify(text));
    }
  });

  it("is not what somebody can", () => {
    for (const text of ["a", "。", "👍🏽", "ا", "\u0301", "#", "-"]) assert.equal(isBlank(text), false, text);
  });
});
