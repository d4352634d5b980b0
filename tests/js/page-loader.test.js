/** @import { Page, PageQuery } from "../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import test from "node:test";
import { PageLoader } from "../../chat/static/chat/js/page-loader.js";

const CLOCK = { setTimeout, random: () => 0 };
const EMPTY = /** @type {Page} */ (/** @type {unknown} */ ({ messages: [] }));
const OLDER = /** @type {PageQuery} */ ({ before: 75 });
const NEWER = /** @type {PageQuery} */ ({ after: 124 });

test("who hears that a page has come can have the next one at once", async () => {
  /** @type {PageQuery[]} */
  const asked = [];
  const fetch = async (/** @type {PageQuery} */ query) => (asked.push(query), EMPTY);
  const loader = new PageLoader(fetch, CLOCK, () => {}, () => {
    if (!loader.loading && asked.length === 1) void loader.extend(NEWER, () => {});
  });
  await loader.extend(OLDER, () => {});
  assert.deepEqual(asked, [OLDER, NEWER]);
});

test("a page that is under way is not asked for twice", async () => {
  let asked = 0;
  const fetch = async () => ((asked += 1), EMPTY);
  const loader = new PageLoader(fetch, CLOCK, () => {}, () => {});
  await Promise.all([loader.extend(OLDER, () => {}), loader.extend(OLDER, () => {})]);
  assert.equal(asked, 1);
});

test("a page that could not be fetched can be asked for again", async () => {
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    if (asked === 1) throw new Error("away");
    return EMPTY;
  };
  const loader = new PageLoader(fetch, CLOCK, () => {}, () => {});
  await assert.rejects(loader.extend(OLDER, () => {}));
  await loader.extend(OLDER, () => {});
  assert.equal(asked, 2);
});
