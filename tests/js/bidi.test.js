import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isolated } from "../../chat/static/chat/js/bidi.js";

/** @type {[string, string][]} */
const CASES = JSON.parse(readFileSync(new URL("../isolated-words.json", import.meta.url), "utf8"));

test("words that would turn a sentence are kept apart in it, as on the server", () => {
  for (const [words, kept] of CASES) assert.equal(isolated(words), kept);
});
