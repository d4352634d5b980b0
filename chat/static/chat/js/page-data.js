/** @import { Page, Person, RoomInfo } from "./types.js" */
import { element } from "./dom.js";

/**
 * What the server embeds in a room's page.
 * @typedef {object} PageData
 * @property {Person} person Who is signed in.
 * @property {number} [people_version] Up to which number the page's names are known.
 * @property {string} build
 * @property {RoomInfo} info The room shown.
 * @property {RoomInfo[]} rooms The person's own.
 * @property {Page} page
 * @property {number | null} at The message that the permalink names.
 * @property {boolean} archived
 * @property {boolean} moderates May delete what others said.
 * @property {Record<string, string>} words
 */

/** @returns {PageData} */
export function readPageData() {
  return JSON.parse(element("page-data").textContent ?? "");
}
