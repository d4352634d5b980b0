/** @import { Message, Patch, Pending, RoomInfo } from "./types.js" */
import { Emitter } from "./emitter.js";

/**
 * One room as this page knows it: its numbers, a contiguous window of its messages, one's pending posts.
 *
 * Events: `patches` (what to redraw), `window` (moreBefore, moreAfter or loading changed),
 * `numbers` (unread, mentions, readSeq or info changed).
 * @extends {Emitter<{patches: Patch[], window: void, numbers: void}>}
 */
export class Timeline extends Emitter {
  /** @type {RoomInfo} */
  get info() { throw new Error(); }
  /** Whether it holds a window at all, or the numbers only. @returns {boolean} */
  get isOpen() { throw new Error(); }
  /** By rising seq; deleted ones stay, emptied. @returns {readonly Message[]} */
  get messages() { throw new Error(); }
  /** In the order of their making, after all messages. @returns {readonly Pending[]} */
  get pending() { throw new Error(); }
  /** The room has older messages than the window. @returns {boolean} */
  get moreBefore() { throw new Error(); }
  /** The room has newer messages than the window: live ones do not show until `loadNewest`. @returns {boolean} */
  get moreAfter() { throw new Error(); }
  /** A page is on its way. @returns {boolean} */
  get loading() { throw new Error(); }
  get lastSeq() { return 0; }
  get readSeq() { return 0; }
  get unread() { return 0; }
  get mentions() { return 0; }

  /**
   * The seq of the message in view when the person has scrolled away from the end, null while they follow the
   * newest. Decides which end of a window that grew too long is dropped. Set by the page.
   * @type {number | null}
   */
  viewing = null;

  /** The message above which the "new" line stands, or null. @returns {Message | null} */
  get firstNew() { throw new Error(); }
  /** Puts the "new" line after what has been read by now (on coming back to the tab, say). */
  moveLine() {}

  /** @param {number} id @returns {Message | null} */
  find(id) { throw new Error(); }

  /** Each of these resolves once drawn, and rejects when the page could not be fetched. @returns {Promise<void>} */
  async loadOlder() {}
  async loadNewer() {}
  async loadNewest() {}
  /** @param {number} seq */
  async loadAround(seq) {}
}
