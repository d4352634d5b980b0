import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { arranged } from "../../chat/static/chat/js/arrangement.js";
import { hueOf, initials } from "../../chat/static/chat/js/avatar.js";
import { shortened } from "../../chat/static/chat/js/counts.js";
import { Timeline } from "../../chat/static/chat/js/timeline.js";
import { ALICE, BOB, page, post, room } from "./support/shapes.js";

// The page's drawing: the same cases as `tests/views/test_drawing.py`. Quotes need a browser: `test_drawing.py` there.
const cases = JSON.parse(readFileSync(new URL("../cases/drawing.json", import.meta.url), "utf8"));

/** @typedef {{author: number, at: string, day?: number, reply?: boolean, deleted?: boolean}} Given */

/** @param {number} seq @param {Given} given */
function message(seq, { author, at, day = 4, reply = false, deleted = false }) {
  const created_at = `2026-03-0${day}T${at}Z`;
  return post(seq, { author: author === ALICE.id ? ALICE : BOB, created_at, reply_to: reply ? { id: 0, seq: 0 } : null, deleted });
}

/** @param {import("../../chat/static/chat/js/types.js").Message} message */
function placeOf({ id, author, created_at, reply_to, deleted }) {
  return { id, author: author.id, at: new Date(created_at), stands: reply_to !== null && !deleted, deleted };
}

describe("rows stand under each other as the table says:", () => {
  for (const each of [...cases.gathering, ...cases.lines]) {
    it(each.name, () => {
      const { first_seq = 1, more_before = false, read_seq = 1000 } = each;
      const messages = each.messages.map((/** @type {Given} */ given, /** @type {number} */ at) => message(first_seq + at, given));
      const world = { setTimeout, clearTimeout, random: Math.random, fetchPage: () => Promise.reject(), sync: () => Promise.reject() };
      const timeline = new Timeline(room({ read_seq }), ALICE.id, world);
      timeline.open(page(messages, { more_before }));
      const { firstNew, newBeginsBefore } = timeline;
      const shownNew = newBeginsBefore ? null : firstNew;
      const places = messages.map(placeOf);
      const first = places.find((/** @type {{id: number}} */ { id }) => id === shownNew?.id) ?? null;
      const rows = arranged(places, first, (at) => String(at.getUTCDate()));
      if (each.gathered) assert.deepEqual(rows.map(({ isGathered }) => isGathered), each.gathered);
      if (each.days) assert.deepEqual(rows.map(({ day }) => day && Number(day)), each.days);
      assert.equal(shownNew?.seq ?? null, each.new ?? null);
      assert.deepEqual(rows.filter(({ isNew }) => isNew).length, each.new ? 1 : 0);
    });
  }
});

describe("drawn as the table says:", () => {
  for (const [name, shown] of cases.initials) it(`the initials of “${name}”`, () => assert.equal(initials(name), shown));
  for (const [person, hue] of cases.hues) it(`the hue of ${person}`, () => assert.equal(hueOf(person), hue));
  for (const [count, shown] of cases.counts) it(`${count} unread`, () => assert.equal(shortened(count), shown));
});
