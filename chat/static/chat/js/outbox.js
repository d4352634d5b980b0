/** @import { Pending, PostCommand, Surroundings } from "./types.js" */
import { Emitter } from "./emitter.js";
import { growingPause } from "./pauses.js";
import { RefusedError } from "./refused-error.js";
import { StoredPosts } from "./stored-posts.js";

/** Connections lost while a post was on its way, after which its author is asked. */
const MOST_LOSSES = 3;
const LINE_BROKE = "line_broke";
/** Milliseconds that a connection has to stand by itself before the last of them is risked. */
const PROBATION = 3000;

/**
 * One's posts until the server has stored them. Each goes out again and again under its `client_id`, with the same
 * body, until it is acknowledged, seen, or refused for good. Those of a room go one after another, so that a later
 * one never overtakes one that has to be tried again. One that may be what breaks the connection, three times, waits
 * for its author, and those behind it go on.
 *
 * Events: `pending` (a post is new or in a new state), `gone` (it is stored or discarded).
 * @extends {Emitter<{pending: Pending, gone: Pending}>}
 */
export class Outbox extends Emitter {
  /** In the order of their making. @type {Map<string, Pending>} */
  #posts = new Map();
  #person;
  #stored;
  #world;
  #send;
  #online = false;
  /** The `client_id` of the post that is on its way in a room. @type {Map<number, string>} */
  #onTheWay = new Map();
  /** Rooms that wait to try again. @type {Map<number, {failures: number, timer: any}>} */
  #waits = new Map();
  #lastMade = 0;

  /**
   * @param {number} person
   * @param {Pick<Surroundings, "storage" | "now" | "setTimeout" | "clearTimeout" | "random" | "newId" | "onStorage">} world
   * @param {(command: PostCommand) => Promise<unknown>} send Resolves once the post is acknowledged, rejects with
   *   a `RefusedError`.
   */
  constructor(person, world, send) {
    super();
    this.#person = person;
    this.#world = world;
    this.#send = send;
    this.#stored = new StoredPosts(world.storage, person);
    for (const post of this.#stored.all()) this.#posts.set(post.client_id, post);
    world.onStorage(({ key, newValue }) => this.#takeFromElsewhere(key, newValue));
  }

  /** @param {number} room @returns {Pending[]} */
  ofRoom(room) {
    return [...this.#posts.values()].filter((post) => post.room === room);
  }

  /**
   * @param {number} room
   * @param {string} body
   * @param {number | null} replyTo
   * @returns {Pending}
   */
  add(room, body, replyTo) {
    const client_id = this.#world.newId();
    const created_at = (this.#lastMade = Math.max(this.#world.now(), this.#lastMade + 1));
    /** @type {Pending} */
    const post = { client_id, room, body, reply_to: replyTo, created_at, state: "sending", error: null };
    this.#keep(post);
    void this.#sendNext(room);
    return post;
  }

  /** @param {string} clientId Of a failed post. */
  retry(clientId) {
    const post = this.#posts.get(clientId);
    if (post?.state !== "failed") return;
    this.#keep({ ...post, state: "sending", error: null, losses: 0 });
    void this.#sendNext(post.room);
  }

  /** @param {string} clientId Of a failed post: any other may be stored by now. @returns {Pending | null} */
  discard(clientId) {
    const post = this.#posts.get(clientId);
    if (post?.state !== "failed") return null;
    this.settle(clientId);
    return post;
  }

  /** The server has it, or nobody wants it any more. @param {string} clientId */
  settle(clientId) {
    const post = this.#posts.get(clientId);
    if (!post) return;
    this.#posts.delete(clientId);
    this.#stored.remove(clientId);
    this.emit("gone", post);
  }

  /** The person has signed out: none of it is theirs to send any more. */
  forget() {
    for (const clientId of [...this.#posts.keys()]) this.settle(clientId);
  }

  /** A connection stands. */
  resume() {
    this.#online = true;
    for (const { timer } of this.#waits.values()) this.#world.clearTimeout(timer);
    this.#waits.clear();
    for (const room of new Set([...this.#posts.values()].map((post) => post.room))) this.#resumeRoom(room);
  }

  /** @param {number} room */
  #resumeRoom(room) {
    if (!isSuspect(this.#nextOf(room))) return void this.#sendNext(room);
    const timer = this.#world.setTimeout(() => this.#tryAgain(room), PROBATION);
    this.#waits.set(room, { failures: 0, timer });
  }

  /**
   * It fell: what it had not answered must be sent again.
   * @param {boolean} [unexplained] Nothing but what was on its way is known that could have broken it.
   */
  suspend(unexplained = false) {
    this.#online = false;
    if (!unexplained) return;
    for (const room of this.#waits.keys()) this.#acquit(this.#nextOf(room));
    for (const clientId of this.#onTheWay.values()) this.#countLoss(clientId);
  }

  /** The line broke without it: it is the network that is bad. @param {Pending | undefined} post */
  #acquit(post) {
    if (post && isSuspect(post) && this.#isWaiting(post.room)) this.#keep({ ...post, losses: 0 });
  }

  /** @param {string} clientId */
  #countLoss(clientId) {
    const post = this.#posts.get(clientId);
    if (post?.state !== "sending") return;
    const losses = 1 + Math.max(post.losses ?? 0, this.#stored.get(clientId)?.losses ?? 0);
    this.#keep({ ...post, losses });
    if (losses >= MOST_LOSSES) this.#fail(clientId, { code: LINE_BROKE, message: "" });
  }

  /** @param {number} room */
  async #sendNext(room) {
    const next = this.#nextOf(room);
    if (!next || !this.#online || this.#onTheWay.has(room) || this.#isWaiting(room)) return;
    this.#onTheWay.set(room, next.client_id);
    const refusal = await this.#send(this.#commandOf(next)).then(() => null, asRefusal);
    this.#onTheWay.delete(room);
    if (!refusal) this.settle(next.client_id);
    if (refusal?.isWorthRetrying) return this.#tryAgainLater(room, refusal);
    this.#waits.delete(room);
    if (refusal) this.#fail(next.client_id, refusal);
    void this.#sendNext(room);
  }

  /** @param {number} room */
  #nextOf(room) {
    return this.ofRoom(room).find((post) => post.state === "sending");
  }

  /** @param {number} room */
  #isWaiting(room) {
    return (this.#waits.get(room)?.timer ?? null) !== null;
  }

  /** @param {number} room @param {RefusedError} refusal */
  #tryAgainLater(room, refusal) {
    if (refusal.code === "offline") return;
    const failures = this.#waits.get(room)?.failures ?? 0;
    const milliseconds = (refusal.retryAfter ?? 0) + growingPause(failures, this.#world.random);
    const timer = this.#world.setTimeout(() => this.#tryAgain(room), milliseconds);
    this.#waits.set(room, { failures: failures + 1, timer });
  }

  /** @param {number} room */
  #tryAgain(room) {
    const failures = this.#waits.get(room)?.failures ?? 0;
    this.#waits.set(room, { failures, timer: null });
    void this.#sendNext(room);
  }

  /** @param {Pending} post @returns {PostCommand} */
  #commandOf({ client_id, room, body, reply_to }) {
    return { type: "post", room, as: this.#person, client_id, body, ...(reply_to === null ? {} : { reply_to }) };
  }

  /** @param {string} clientId @param {Pick<RefusedError, "code" | "message">} refusal */
  #fail(clientId, { code, message }) {
    const post = this.#posts.get(clientId);
    if (post) this.#keep({ ...post, state: "failed", error: { code, detail: message } });
  }

  /** @param {Pending} post */
  #keep(post) {
    this.#posts.set(post.client_id, post);
    this.#stored.put(post);
    this.emit("pending", post);
  }

  /** Another tab discarded a post, or found that it breaks the line. @param {string | null} key @param {string | null} value */
  #takeFromElsewhere(key, value) {
    const clientId = this.#stored.clientIdOf(key);
    if (!clientId) return;
    if (value === null) return void this.discard(clientId);
    const there = this.#stored.get(clientId);
    const isSentHere = this.#posts.get(clientId)?.state === "sending";
    if (isSentHere && there?.error?.code === LINE_BROKE) this.#keep(there);
  }
}

/** Whether another loss would be the last. @param {Pending | undefined} post */
function isSuspect(post) {
  return (post?.losses ?? 0) >= MOST_LOSSES - 1;
}

/** @param {unknown} error @returns {RefusedError} */
function asRefusal(error) {
  if (error instanceof RefusedError) return error;
  throw error;
}
