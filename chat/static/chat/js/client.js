/** @import { Command, ConnectionState, Hello, Left, Page, Pending, Person, Presence, Renamed, Reset, RoomInfo, ServerEvent, Surroundings, SyncCommand, Synced, Typing } from "./types.js" */
import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import { Outbox } from "./outbox.js";
import { ReadingMarks } from "./reading-marks.js";
import { Timeline } from "./timeline.js";

const PROTOCOL = 1;
const TYPING_INTERVAL = 3000;

/**
 * The page's door to the rules: one connection, a timeline for each of the person's rooms, the outbox.
 *
 * Events: `state` (of the connection), `hello`, `build` (the server runs another build: offer a reload), `rooms`
 * (the list of rooms, or a name, a number or an unread count in it, may have changed), `left`, `presence`, `typing`,
 * `person` (somebody is called so from now on, whatever a message says that came before).
 *
 *     const client = new ChatClient(browserSurroundings(), { person, build });
 *     const timeline = client.open(info, page);      // what the HTML embeds
 *     timeline.on("patches", (patches) => …);
 *     client.connect();
 *
 * @extends {Emitter<{
 *   state: ConnectionState, hello: Hello, build: string, rooms: void, left: Left, presence: Presence, typing: Typing,
 *   person: Person, joined: number
 * }>}
 */
export class ChatClient extends Emitter {
  #world;
  #person;
  #build;
  #connection;
  #outbox;
  #marks;
  /** @type {Map<number, Timeline>} */
  #timelines = new Map();
  /** The person's own, as the server last told. @type {Set<number>} */
  #joined = new Set();
  /** @type {number[]} */
  #watched = [];
  /** When typing was last told, by room. @type {Map<number, number>} */
  #typed = new Map();
  #knownNames;

  /**
   * @param {Surroundings} world
   * @param {{person: Person, build: string, people_version?: number | null}} page Who is signed in, the build that
   *   drew the page, and up to which number it knows what people are called.
   */
  constructor(world, { person, build, people_version = null }) {
    super();
    this.#world = world;
    this.#person = person.id;
    this.#build = build;
    this.#knownNames = people_version;
    this.#connection = new Connection(world, ({ id }) => id === person.id, () => this.#knownNames);
    this.#outbox = new Outbox(person.id, world, (command) => this.#connection.request(command));
    this.#marks = new ReadingMarks(world, (room, seq) => this.#sendMark(room, seq));
    this.#connection.on("state", (state) => this.#enter(state));
    this.#connection.on("event", (event) => this.#take(event));
    this.#outbox.on("pending", (pending) => this.#timelines.get(pending.room)?.pend(pending));
    this.#outbox.on("gone", (pending) => this.#timelines.get(pending.room)?.unpend(pending.client_id));
  }

  get state() {
    return this.#connection.state;
  }

  /** By id: every room of the person, and those opened. @returns {ReadonlyMap<number, Timeline>} */
  get timelines() {
    return this.#timelines;
  }

  /**
   * The timeline of a room, holding the page of messages that was embedded and what the outbox kept.
   * @param {RoomInfo} info
   * @param {Page} page
   */
  open(info, page) {
    const timeline = this.#timelineOf(info);
    timeline.open(page);
    return timeline;
  }

  /** Connects, and stays connected. Also what a "try now" button calls. */
  connect() {
    this.#connection.connect();
  }

  close() {
    this.#connection.close();
  }

  /**
   * Shows the post as pending and sends it as soon as can be; it survives a reload.
   * @param {number} room
   * @param {string} body
   * @param {number | null} [replyTo] Id of a message.
   * @returns {Pending}
   */
  post(room, body, replyTo = null) {
    const timeline = this.#timelines.get(room);
    if (timeline?.moreAfter) void timeline.loadNewest().catch(() => {});
    return this.#outbox.add(room, body, replyTo);
  }

  /** Sends a failed post again, the same. @param {string} clientId */
  retry(clientId) {
    this.#outbox.retry(clientId);
  }

  /** Forgets a failed post. @param {string} clientId @returns {Pending | null} It, to put its body back into the composer. */
  discard(clientId) {
    return this.#outbox.discard(clientId);
  }

  /** The person has signed out. */
  forgetUnsent() {
    this.#outbox.forget();
  }

  /**
   * @param {number} room @param {number} message @param {string} body
   * @param {string} [was] The body that the person saw: is it another by now, nothing is stored (code `conflict`).
   * @returns {Promise<void>} Rejects with a `RefusedError`; code `offline`: not sent, or its answer was lost.
   */
  edit(room, message, body, was) {
    return this.#change({ type: "edit", room, message, body, was });
  }

  /** @param {number} room @param {number} message @returns {Promise<void>} Rejects as `edit` does. */
  delete(room, message) {
    return this.#change({ type: "delete", room, message });
  }

  /** @param {number} room @param {number} message @param {string} emoji @param {boolean} on @returns {Promise<void>} Rejects as `edit` does. */
  react(room, message, emoji, on) {
    return this.#change({ type: "react", room, message, emoji, on });
  }

  /** Everything up to `seq` has been seen. @param {number} room @param {number} seq */
  markRead(room, seq) {
    if (this.#timelines.get(room)?.markRead(seq)) this.#marks.mark(room, seq);
  }

  /** Tells the server at once what was read: the page may be going away. */
  flushReadingMarks() {
    this.#marks.flush();
  }

  markAllRead() {
    for (const [room, { lastSeq }] of this.#timelines) this.markRead(room, lastSeq);
  }

  /** Whose presence and typing to be told, at most 20 rooms; replaces the set. @param {number[]} rooms */
  watch(rooms) {
    this.#watched = rooms;
    this.#connection.send({ type: "watch", rooms });
  }

  /** For every keystroke; the others are told every few seconds. @param {number} room */
  typing(room) {
    const now = this.#world.now();
    if (now - (this.#typed.get(room) ?? -Infinity) < TYPING_INTERVAL) return;
    if (this.#connection.send({ type: "typing", room })) this.#typed.set(room, now);
  }

  /** @param {Command} command */
  async #change(command) {
    if (this.state.name === "connecting") await this.#connection.settled();
    await this.#connection.request(command);
  }

  /** A mark that is lost goes out again after the next hello. @param {number} room @param {number} seq */
  #sendMark(room, seq) {
    this.#connection.request({ type: "read", room, seq }).catch(() => {});
  }

  /** @param {RoomInfo} info */
  #timelineOf(info) {
    const timeline = this.#timelines.get(info.id) ?? this.#newTimeline(info);
    this.#timelines.set(info.id, timeline);
    return timeline;
  }

  /** @param {RoomInfo} info */
  #newTimeline(info) {
    /** @param {SyncCommand} command @returns {Promise<Synced | Reset>} */
    const sync = (command) => this.#connection.request(command);
    const timeline = new Timeline(info, this.#person, { ...this.#world, sync });
    timeline.on("numbers", () => this.emit("rooms", undefined));
    timeline.on("stored", (clientId) => this.#outbox.settle(clientId));
    for (const pending of this.#outbox.ofRoom(info.id)) timeline.pend(pending);
    return timeline;
  }

  /** @param {ConnectionState} state */
  #enter(state) {
    const isUnexplained = state.name === "waiting" && !state.explained && !this.#world.isOffline();
    if (state.name !== "online") this.#outbox.suspend(isUnexplained);
    this.emit("state", state);
  }

  /** @param {ServerEvent} event */
  #take(event) {
    switch (event.type) {
      case "hello":
        return this.#greet(event);
      case "heartbeat":
        return this.#takeHeads(event.heads);
      case "read":
        return this.#timelines.get(event.room)?.takeMark(event);
      case "reacted":
        return this.#timelines.get(event.room)?.takeReaction(event);
      case "room":
        return this.#join(event.info);
      case "left":
        return this.#leave(event);
      case "presence":
        return this.emit("presence", event);
      case "typing":
        return this.emit("typing", event);
      case "person":
        return this.#rename(event);
      case "message":
      case "posted":
      case "changed":
        return this.#timelines.get(event.room)?.apply(event);
      case "synced":
      case "reset":
      case "error":
        return;
      default:
        return this.#takeNumber(event);
    }
  }

  /** @param {Renamed} event */
  #rename({ user, version }) {
    if (this.#knownNames !== null) this.#knownNames = Math.max(this.#knownNames, version);
    this.emit("person", user);
  }

  /** @param {Hello} hello */
  #greet(hello) {
    this.emit("person", hello.user);
    this.#dropRoomsLeft(hello.rooms);
    for (const info of hello.rooms) this.#greetRoom(info, hello);
    if (this.#watched.length) this.#connection.send({ type: "watch", rooms: this.#watched });
    this.#outbox.resume();
    this.emit("hello", hello);
    if (hello.build !== this.#build || hello.protocol !== PROTOCOL) this.emit("build", hello.build);
  }

  /** @param {RoomInfo} info @param {Hello} hello */
  #greetRoom(info, { epoch }) {
    const timeline = this.#timelineOf(info);
    this.#joined.add(info.id);
    timeline.greet(info, epoch);
    if (timeline.readSeq > info.read_seq) this.#marks.mark(info.id, timeline.readSeq);
  }

  /** @param {RoomInfo[]} rooms Those that are left to the person. */
  #dropRoomsLeft(rooms) {
    const ids = new Set(rooms.map((info) => info.id));
    for (const room of this.#joined) {
      if (!ids.has(room)) this.#leave({ type: "left", room, reason: "left" });
    }
  }

  /** @param {Record<string, number>} heads */
  #takeHeads(heads) {
    for (const [room, head] of Object.entries(heads)) this.#timelines.get(Number(room))?.noteHead(head);
  }

  /** @param {RoomInfo} info */
  #join(info) {
    this.#joined.add(info.id);
    this.#timelineOf(info).takeInfo(info);
    this.emit("joined", info.id);
    this.emit("rooms", undefined);
  }

  /** @param {Left} event */
  #leave(event) {
    this.#timelines.get(event.room)?.stop();
    this.#timelines.delete(event.room);
    this.#joined.delete(event.room);
    this.emit("left", event);
    this.emit("rooms", undefined);
  }

  /** Of an event of unknown type, the number is all that can be known. @param {{room?: unknown, seq?: unknown}} event */
  #takeNumber({ room, seq }) {
    if (typeof room === "number" && typeof seq === "number") this.#timelines.get(room)?.apply({ seq });
  }
}
