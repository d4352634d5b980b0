/** @import { ConnectionState, Hello, Left, Page, Pending, Person, Presence, RoomInfo, ServerEvent, Surroundings, Typing } from "./types.js" */
import { Emitter } from "./emitter.js";
import { Timeline } from "./timeline.js";

/**
 * The page's door to the rules: one connection, a timeline for each of the person's rooms, the outbox.
 *
 * Events: `state` (connection), `hello`, `build` (the server runs another build: offer a reload),
 * `rooms` (the list of rooms, or a name, a number or an unread count in it, changed), `left`, `presence`, `typing`.
 *
 *     const client = new ChatClient(browserSurroundings(), { person, build });
 *     const timeline = client.open(info, page);      // what the HTML embeds
 *     timeline.on("patches", (patches) => …);
 *     client.connect();
 *
 * @extends {Emitter<{
 *   state: ConnectionState, hello: Hello, build: string, rooms: void, left: Left, presence: Presence, typing: Typing
 * }>}
 */
export class ChatClient extends Emitter {
  /**
   * @param {Surroundings} surroundings
   * @param {{person: Person, build: string}} page Who is signed in, and the build that drew the page.
   */
  constructor(surroundings, page) {
    super();
  }

  /** @type {ConnectionState} */
  get state() { throw new Error(); }

  /** Every room of the person, by id. @type {Map<number, Timeline>} */
  get timelines() { throw new Error(); }

  /**
   * The timeline of a room, holding the page of messages that was embedded; it brings back what the outbox kept.
   * @param {RoomInfo} info
   * @param {Page} page
   * @returns {Timeline}
   */
  open(info, page) { throw new Error(); }

  /** Connects, and keeps connected. Also the "try now" button. */
  connect() {}

  close() {}

  /**
   * Shows the post as pending and sends it as soon as can be; it survives a reload.
   * @param {number} room
   * @param {string} body
   * @param {number | null} [replyTo] Id of a message.
   * @returns {Pending}
   */
  post(room, body, replyTo = null) { throw new Error(); }

  /** Sends a failed post again, the same. @param {string} clientId */
  retry(clientId) {}

  /** Forgets a failed post. @param {string} clientId @returns {Pending | null} It, to put its body back into the composer. */
  discard(clientId) { throw new Error(); }

  /**
   * Rejects with a `RefusedError` (code, detail); code `offline` when it was not sent or its answer was lost.
   * @param {number} room @param {number} message @param {string} body @returns {Promise<void>}
   */
  async edit(room, message, body) {}

  /** @param {number} room @param {number} message @returns {Promise<void>} Rejects as `edit` does. */
  async delete(room, message) {}

  /** @param {number} room @param {number} message @param {string} emoji @param {boolean} on @returns {Promise<void>} Rejects as `edit` does. */
  async react(room, message, emoji, on) {}

  /** Everything up to `seq` has been seen. Sent at most once a second. @param {number} room @param {number} seq */
  markRead(room, seq) {}

  markAllRead() {}

  /** Whose presence and typing to be told, at most 20 rooms; replaces the set. @param {number[]} rooms */
  watch(rooms) {}

  /** Call on every keystroke; told to the others every few seconds. @param {number} room */
  typing(room) {}

  /** @param {number} room @returns {string} */
  draft(room) { throw new Error(); }

  /** Kept over a reload. Blank forgets it. @param {number} room @param {string} text */
  saveDraft(room, text) {}
}
