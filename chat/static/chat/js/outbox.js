/** @import { Pending, PostCommand, Surroundings } from "./types.js" */
import { Emitter } from "./emitter.js";
import { growingPause } from "./pauses.js";
import { RefusedError } from "./refused-error.js";
import { StoredPosts } from "./stored-posts.js";

/**
 * One's posts until the server has stored them. Each goes out again and again under its `client_id`, with the same
 * body, until it is acknowledged, seen, or refused for good. Those of a room go one after another, so that a later
 * one never overtakes one that has to be tried again.
 *
 * Events: `pending` (a post is new or in a new state), `gone` (it is stored or discarded).
 * @extends {Emitter<{pending: Pending, gone: Pending}>}
 */
export class Outbox extends Emitter {
  /** In the order of their making. @type {Map<string, Pending>} */
  #posts = new Map();
  #stored;
  #world;
  #send;
  #online = false;
  /** Rooms in which a post is on its way. @type {Set<number>} */
  #busy = new Set();
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
    this.#world = world;
    this.#send = send;
    this.#stored = new StoredPosts(world.storage, person);
    for (const post of this.#stored.all()) this.#posts.set(post.client_id, post);
    world.onStorage(({ key, newValue }) => newValue === null && this.#forgottenElsewhere(key));
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
    this.#keep({ ...post, state: "sending", error: null });
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

  /** A connection stands. */
  resume() {
    this.#online = true;
    for (const { timer } of this.#waits.values()) this.#world.clearTimeout(timer);
    this.#waits.clear();
    for (const room of new Set([...this.#posts.values()].map((post) => post.room))) void this.#sendNext(room);
  }

  /** It fell: what it had not answered must be sent again. */
  suspend() {
    this.#online = false;
  }

  /** @param {number} room */
  async #sendNext(room) {
    const next = this.ofRoom(room).find((post) => post.state === "sending");
    if (!next || !this.#online || this.#busy.has(room) || this.#isWaiting(room)) return;
    this.#busy.add(room);
    const refusal = await this.#send(commandOf(next)).then(() => null, asRefusal);
    this.#busy.delete(room);
    if (!refusal) this.settle(next.client_id);
    if (refusal?.isWorthRetrying) return this.#tryAgainLater(room, refusal);
    this.#waits.delete(room);
    if (refusal) this.#fail(next.client_id, refusal);
    void this.#sendNext(room);
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

  /** @param {string} clientId @param {RefusedError} refusal */
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

  /** @param {string | null} key */
  #forgottenElsewhere(key) {
    const clientId = this.#stored.clientIdOf(key);
    if (clientId) this.discard(clientId);
  }
}

/** @param {Pending} post @returns {PostCommand} */
function commandOf({ client_id, room, body, reply_to }) {
  return { type: "post", room, client_id, body, ...(reply_to === null ? {} : { reply_to }) };
}

/** @param {unknown} error @returns {RefusedError} */
function asRefusal(error) {
  if (error instanceof RefusedError) return error;
  throw error;
}
