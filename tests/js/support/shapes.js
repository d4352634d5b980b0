/** @import { Hello, Message, Page, Patch, Pending, Person, RoomInfo } from "../../../chat/static/chat/js/types.js" */
/** @import { Timeline } from "../../../chat/static/chat/js/timeline.js" */

/** @type {Person} */
export const ALICE = { id: 1, username: "alice", name: "Alice" };
/** @type {Person} */
export const BOB = { id: 2, username: "bob", name: "" };

export const EPOCH = "first";

/** A post of Bob's, unless told otherwise; its id is 100 more than its place. @param {number} seq @param {Partial<Message>} [more] @returns {Message} */
export function post(seq, more = {}) {
  return {
    id: 100 + seq,
    room: 7,
    seq,
    changed_seq: seq,
    client_id: `c${seq}`,
    kind: "post",
    thread: null,
    author: BOB,
    body: `body ${seq}`,
    html: `<p>body ${seq}</p>`,
    created_at: "2026-01-02T03:04:05Z",
    edited_at: null,
    deleted: false,
    reply_to: null,
    mentions: { users: [], room: false },
    reactions: [],
    attachments: [],
    ...more,
  };
}

/** @param {number} from @param {number} to */
export function posts(from, to) {
  return Array.from({ length: to - from + 1 }, (_, index) => post(from + index));
}

/** The event of a message. @param {Message} message */
export function told(message) {
  return { type: "message", room: message.room, seq: message.changed_seq, message };
}

/** @param {Message[]} messages @param {Partial<Page>} [more] @returns {Page} */
export function page(messages, more = {}) {
  const last_seq = Math.max(0, ...messages.map((message) => message.changed_seq));
  return { messages, more_before: false, more_after: false, last_seq, epoch: EPOCH, ...more };
}

/** @param {Partial<RoomInfo>} [more] @returns {RoomInfo} */
export function room(more = {}) {
  return { id: 7, slug: "tea", name: "Tea", kind: "open", last_seq: 0, read_seq: 0, unread: 0, mentions: 0, ...more };
}

/** @param {Partial<Hello>} [more] @returns {Hello} */
export function hello(more = {}) {
  return {
    type: "hello",
    protocol: 1,
    build: "b1",
    epoch: EPOCH,
    connection: "x",
    user: ALICE,
    rooms: [room()],
    heartbeat: 25,
    ...more,
  };
}

/** A list drawn by patches alone, as a page would. */
export class DrawnList {
  /** @type {(Message | Pending)[]} */
  #drawn = [];
  #timeline;

  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
    this.#drawAnew();
    timeline.on("patches", (patches) => patches.forEach((patch) => this.#apply(patch)));
  }

  get drawn() {
    return this.#drawn;
  }

  /** What it should show. */
  get expected() {
    return [...this.#timeline.messages, ...this.#timeline.pending];
  }

  #drawAnew() {
    this.#drawn = this.expected;
  }

  /** @param {Patch} patch */
  #apply(patch) {
    if (patch.type === "reset") return this.#drawAnew();
    if (patch.type === "insert") return this.#insert(patch.message, patch.before);
    if (patch.type === "update") return this.#change(patch.was, patch.message);
    if (patch.type === "remove") return this.#remove(patch.message);
    if (patch.type === "pend") return void this.#drawn.push(patch.pending);
    if (patch.type === "pending") return this.#change(this.#pending(patch.pending.client_id), patch.pending);
    this.#remove(this.#pending(patch.pending.client_id));
    if (patch.type === "confirm") this.#insert(patch.message, patch.before);
  }

  /** @param {Message} message @param {Message | null} before */
  #insert(message, before) {
    const firstPending = this.#drawn.findIndex((item) => !("id" in item));
    const end = firstPending < 0 ? this.#drawn.length : firstPending;
    this.#drawn.splice(before ? this.#indexOf(before) : end, 0, message);
  }

  /** @param {Message | Pending} was @param {Message | Pending} is */
  #change(was, is) {
    this.#drawn[this.#indexOf(was)] = is;
  }

  /** @param {Message | Pending} item */
  #remove(item) {
    this.#drawn.splice(this.#indexOf(item), 1);
  }

  /** @param {string} clientId */
  #pending(clientId) {
    const found = this.#drawn.find((item) => !("id" in item) && item.client_id === clientId);
    if (!found) throw new Error(`The pending post ${clientId} was never drawn.`);
    return found;
  }

  /** @param {Message | Pending} item */
  #indexOf(item) {
    const index = this.#drawn.indexOf(item);
    if (index < 0) throw new Error(`Never drawn: ${JSON.stringify(item)}`);
    return index;
  }
}
