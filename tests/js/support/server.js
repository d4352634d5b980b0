/** @import { Message, Page, PageQuery, Person } from "../../../chat/static/chat/js/types.js" */
import assert from "node:assert/strict";
import { FakeClock } from "./clock.js";

const MOST_SYNCED = 4;

/**
 * @typedef {object} ModelRoom
 * @property {number} id
 * @property {number} last_seq
 * @property {Message[]} messages By rising seq.
 * @property {Message[]} history Every state that a message had, by rising changed_seq.
 * @property {Map<number, number>} read By person.
 */

/** What may go wrong on the way, as shares of all chances. @typedef {{lose: number, repeat: number, delay: number, refuse: number, mute: number}} Faults */

/** A server that keeps the contract, behind a network that does not keep anything. */
export class ModelServer {
  epoch = "epoch-1";
  /** @type {Faults} */
  faults = { lose: 0, repeat: 0, delay: 0, refuse: 0, mute: 0 };
  /** @type {Map<number, ModelRoom>} */
  rooms = new Map();
  /** @type {Set<ModelSocket>} */
  sockets = new Set();
  /** What each message said when it was posted. @type {Map<number, string>} */
  firstBodies = new Map();
  #ids = 0;

  /** @param {FakeClock} clock @param {() => number} random @param {number[]} rooms */
  constructor(clock, random, rooms) {
    this.clock = clock;
    this.random = random;
    for (const id of rooms) this.rooms.set(id, { id, last_seq: 0, messages: [], history: [], read: new Map() });
  }

  /** @param {Person} person */
  connect(person) {
    const socket = new ModelSocket(this, person);
    this.sockets.add(socket);
    return socket;
  }

  cutAll() {
    for (const socket of [...this.sockets]) socket.cut();
  }

  /** A back-up is restored: the last numbers of every room are taken back. @param {number} count */
  takeBack(count) {
    this.epoch += "'";
    for (const room of this.rooms.values()) {
      room.last_seq = Math.max(0, room.last_seq - count);
      room.history = room.history.filter((message) => message.changed_seq <= room.last_seq);
      room.messages = [...new Map(room.history.map((message) => [message.id, message])).values()];
      for (const [person, seq] of room.read) room.read.set(person, Math.min(seq, room.last_seq));
    }
    this.cutAll();
  }

  /** @param {number} id */
  room(id) {
    const room = this.rooms.get(id);
    assert.ok(room);
    return room;
  }

  /** @param {number} id @param {PageQuery} query @returns {Promise<Page>} */
  async page(id, { before, after, around, limit = 50 }) {
    await this.#onTheWay();
    const { messages, last_seq } = this.room(id);
    const count = Math.min(limit, 6);
    const start =
      before !== undefined ? messages.filter((message) => message.seq < before).length - count
      : after !== undefined ? messages.filter((message) => message.seq <= after).length
      : around !== undefined ? messages.filter((message) => message.seq < around).length - count / 2
      : messages.length - count;
    const end = Math.max(0, start + count);
    const page = {
      messages: messages.slice(Math.max(0, start), end),
      more_before: start > 0,
      more_after: end < messages.length,
      last_seq,
      epoch: this.epoch,
    };
    await this.#onTheWay();
    if (this.random() < this.faults.refuse) throw new Error("503");
    return page;
  }

  /** @param {number} person @param {ModelRoom} room */
  counts(person, room) {
    const read_seq = room.read.get(person) ?? 0;
    const unread = room.messages.filter(
      (message) => message.seq > read_seq && message.author.id !== person && !message.deleted,
    ).length;
    return { read_seq, unread, mentions: 0 };
  }

  /** @param {number} person */
  infos(person) {
    return [...this.rooms.values()].map((room) => ({
      id: room.id, slug: `room-${room.id}`, name: `Room ${room.id}`, kind: "open",
      last_seq: room.last_seq, ...this.counts(person, room),
    }));
  }

  /**
   * Carries out a command and tells everyone else.
   * @param {ModelSocket} from
   * @param {any} command
   * @returns {object | null} The reply.
   */
  carryOut(from, command) {
    const { type, ref, room: id } = command;
    if (type === "heartbeat") return { type, ref, heads: Object.fromEntries([...this.rooms].map(([key, room]) => [key, room.last_seq])) };
    if (type === "watch" || type === "typing") return null;
    const room = this.room(id);
    if (type === "sync") return { ref, ...this.#sync(from.person.id, room, command) };
    if (type === "read") return { ref, ...this.#read(from, room, command) };
    if (this.random() < this.faults.refuse) return { type: "error", ref, code: "unavailable", detail: "", client_id: command.client_id };
    const message = type === "post" ? this.#post(from.person, room, command) : this.#change(room, command);
    if (!message) return { type: "error", ref, code: "not_found", detail: "" };
    const reply = { room: id, seq: message.changed_seq, message };
    if (type !== "post") return { type: "changed", ref, ...reply };
    return { type: "posted", ref, client_id: command.client_id, room: id, seq: message.seq, message };
  }

  /** @param {ModelRoom} room @param {Message} message @param {ModelSocket | null} except */
  tell(room, message, except) {
    const event = { type: "message", room: room.id, seq: room.last_seq, message };
    for (const socket of this.sockets) if (socket !== except) socket.push(event);
  }

  /** @param {number} person @param {ModelRoom} room @param {any} question */
  #sync(person, room, { after, limit = MOST_SYNCED, epoch }) {
    const { id, last_seq } = room;
    if (after > last_seq || epoch !== this.epoch) return { type: "reset", room: id, last_seq, epoch: this.epoch };
    const changed = room.messages
      .filter((message) => message.changed_seq > after)
      .sort((one, other) => one.changed_seq - other.changed_seq);
    const messages = changed.slice(0, Math.min(limit, MOST_SYNCED));
    const more = limit > 0 && messages.length < changed.length;
    return { type: "synced", room: id, messages, last_seq, more, epoch: this.epoch, ...this.counts(person, room) };
  }

  /** @param {ModelSocket} from @param {ModelRoom} room @param {{seq: number}} command */
  #read(from, room, { seq }) {
    const person = from.person.id;
    room.read.set(person, Math.max(seq, room.read.get(person) ?? 0));
    const { read_seq, unread, mentions } = this.counts(person, room);
    const event = { type: "read", room: room.id, seq: read_seq, unread, mentions };
    for (const socket of this.sockets) if (socket !== from && socket.person.id === person) socket.pushUnnumbered(event);
    return event;
  }

  /** @param {Person} author @param {ModelRoom} room @param {{client_id: string, body: string}} command */
  #post(author, room, { client_id, body }) {
    const stored = room.messages.find((message) => message.client_id === client_id && message.author.id === author.id);
    if (stored) return stored;
    const seq = (room.last_seq += 1);
    /** @type {Message} */
    const message = {
      id: (this.#ids += 1), room: room.id, seq, changed_seq: seq, client_id, kind: "post", thread: null, author, body,
      html: body, created_at: "", edited_at: null, deleted: false, reply_to: null,
      mentions: { users: [], room: false }, reactions: [], attachments: [],
    };
    room.messages.push(message);
    room.history.push(message);
    this.firstBodies.set(message.id, body);
    return message;
  }

  /** @param {ModelRoom} room @param {any} command */
  #change(room, { type, message: id, body, emoji }) {
    const was = room.messages.find((message) => message.id === id);
    if (!was || was.deleted) return was?.deleted && type === "delete" ? was : null;
    const changed_seq = (room.last_seq += 1);
    const emptied = { body: "", html: "", deleted: true, reactions: [] };
    const changes = {
      edit: { body, html: body, edited_at: "now" },
      delete: emptied,
      react: { reactions: [...was.reactions, { emoji, count: 1, users: [] }] },
    };
    const message = { ...was, changed_seq, ...changes[/** @type {"edit" | "delete" | "react"} */ (type)] };
    room.messages[room.messages.indexOf(was)] = message;
    room.history.push(message);
    return message;
  }

  #onTheWay() {
    return new Promise((resolve) => this.clock.setTimeout(() => resolve(null), this.random() * 200));
  }
}

/** One connection through the bad network. Replies and events leave in order; the network does the rest. */
class ModelSocket {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  #isOpen = true;
  #server;
  #sentFrames = 0;
  /** When the last frame arrives that keeps to its order. */
  #lastArrival = 0;
  #lastDeparture = 0;

  /** @param {ModelServer} server @param {Person} person */
  constructor(server, person) {
    this.#server = server;
    this.person = person;
    this.#send({
      type: "hello", protocol: 1, build: "b1", epoch: server.epoch, connection: "x", user: person,
      rooms: server.infos(person.id), heartbeat: 25,
    });
  }

  /** @param {string} text */
  send(text) {
    const command = JSON.parse(text);
    const { clock, random } = this.#server;
    const arrival = Math.max(this.#lastDeparture, clock.now() + random() * 100);
    this.#lastDeparture = arrival;
    clock.setTimeout(() => this.#isOpen && this.#obey(command), arrival - clock.now());
  }

  close() {
    this.#end();
    this.onclose = null;
  }

  /** The network tears. */
  cut() {
    this.#end();
    this.onclose?.({ code: 1006 });
  }

  /** An event through the channel layer: it may be lost, repeated or late. @param {object} event */
  push(event) {
    const { random, faults } = this.#server;
    if (random() >= faults.lose) this.pushUnnumbered(event);
  }

  /** One that nobody could miss: it may still be repeated or late. @param {object} event */
  pushUnnumbered(event) {
    const { random, faults, clock } = this.#server;
    if (random() < faults.repeat) this.#send(event);
    if (random() >= faults.delay) return this.#send(event);
    clock.setTimeout(() => this.#isOpen && this.#send(event), random() * 1500);
  }

  #end() {
    this.#isOpen = false;
    this.#server.sockets.delete(this);
  }

  /** @param {any} command */
  #obey(command) {
    const server = this.#server;
    if (command.type === "heartbeat") assert.ok(command.received <= this.#sentFrames, "more received than was sent");
    const heads = new Map([...server.rooms.values()].map((room) => [room, room.last_seq]));
    const reply = server.carryOut(this, command);
    for (const [room, head] of heads) {
      const changed = room.messages.find((message) => room.last_seq > head && message.changed_seq === room.last_seq);
      if (changed) server.tell(room, changed, this);
    }
    if (reply && server.random() >= server.faults.mute) this.#send(reply);
  }

  /** @param {object} event */
  #send(event) {
    const { clock, random } = this.#server;
    this.#sentFrames += 1;
    this.#lastArrival = Math.max(this.#lastArrival, clock.now() + random() * 100);
    const data = JSON.stringify([event]);
    clock.setTimeout(() => this.#isOpen && this.onmessage?.({ data }), this.#lastArrival - clock.now());
  }
}
