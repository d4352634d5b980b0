/** @import { Command, ConnectionState, Hello, Person, ServerEvent, Socket, Surroundings } from "./types.js" */
import { AwaitedAnswers, offline } from "./awaited-answers.js";
import { Emitter } from "./emitter.js";
import { Heartbeats } from "./heartbeats.js";
import { growingPause } from "./pauses.js";
import { RefusedError } from "./refused-error.js";

const HELLO_PATIENCE = 15_000;
const ANSWER_PATIENCE = 20_000;
const WAKING_PATIENCE = 5_000;
const STEADY_AFTER = 10_000;
const RESTART_SPREAD = 3_000;
const LONGEST_AWAY = 15_000;
const LARGEST_FRAME = 256 * 1024;

const SIGNED_OUT = 4401;
const BLOCKED = 4403;
const TOO_MANY = 4409;
const RESTARTING = 4412;
/** Codes by which a server or a proxy takes leave; those from 4000 on are our server's, and say why. */
const TAKING_LEAVE = new Set([1000, 1001, 1012, 1013]);
const OF_OUR_SERVER = 4000;

const encoder = new TextEncoder();

/**
 * One WebSocket after another: says when it is online, beats, comes back by itself after every loss but those of
 * a person who may not, and of one who has too many open: then when they come back to this tab.
 *
 * Events: `state`, and `event` for every event of the server, `hello` first of each connection.
 * @extends {Emitter<{state: ConnectionState, event: ServerEvent}>}
 */
export class Connection extends Emitter {
  #world;
  /** @type {ConnectionState} */
  #state = { name: "closed" };
  /** @type {Socket | null} */
  #socket = null;
  #heartbeats;
  #answers;
  /** The next try, or the end of the patience with this one. @type {any} */
  #timer = null;
  #failures = 0;
  #onlineSince = Infinity;
  #isExpected;
  #knownNames;

  /**
   * @param {Pick<Surroundings, "openSocket" | "now" | "setTimeout" | "clearTimeout" | "random" | "onWake" | "onReturn">} world
   * @param {(person: Person) => boolean} [isExpected] Whether this is who the page is for: on another's session
   *   nothing is sent, and no event is told.
   * @param {() => number | null} [knownNames] Up to which number the page knows what people are called.
   */
  constructor(world, isExpected = () => true, knownNames = () => null) {
    super();
    this.#world = world;
    this.#isExpected = isExpected;
    this.#knownNames = knownNames;
    this.#answers = new AwaitedAnswers(world, () => this.#lose());
    this.#heartbeats = this.#newHeartbeats();
    world.onWake(() => this.#wake());
    world.onReturn(() => this.#state.name === "paused" && this.connect());
  }

  get state() {
    return this.#state;
  }

  /** Connects unless it does already, waiting no longer. */
  connect() {
    if (this.#socket) return;
    this.#world.clearTimeout(this.#timer);
    this.#open();
  }

  close() {
    this.#drop();
    this.#enter({ name: "closed" });
  }

  /** The next state, whichever it is. @returns {Promise<void>} */
  settled() {
    return new Promise((done) => {
      const stop = this.on("state", () => done(stop()));
    });
  }

  /**
   * Sends what has no answer.
   * @param {Command} command
   * @returns {boolean} Whether it was sent.
   */
  send(command) {
    if (this.#state.name === "online") this.#socket?.send(JSON.stringify(command));
    return this.#state.name === "online";
  }

  /**
   * @template {ServerEvent} Answer
   * @param {Command} command
   * @param {number} [patience] Milliseconds: without an answer in this time the connection is taken for dead.
   * @returns {Promise<Answer>} Rejects with a `RefusedError`.
   */
  async request(command, patience = ANSWER_PATIENCE) {
    if (this.#state.name !== "online") throw offline();
    if (isTooLarge(command)) throw new RefusedError({ code: "too_large", detail: "" });
    const { ref, answer } = this.#answers.expect(patience);
    this.send({ ...command, ref });
    return answer;
  }

  #open() {
    const socket = (this.#socket = this.#world.openSocket(this.#knownNames()));
    this.#heartbeats = this.#newHeartbeats();
    this.#timer = this.#world.setTimeout(() => this.#lose(), HELLO_PATIENCE);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#closed(code);
    this.#enter({ name: "connecting" });
  }

  /** @param {string} frame */
  #receive(frame) {
    const socket = this.#socket;
    this.#heartbeats.count(frame);
    for (const event of /** @type {ServerEvent[]} */ (JSON.parse(frame))) {
      if (socket !== this.#socket) return;
      if (event.type === "hello" && !this.#isExpected(event.user)) return this.#stop(event.user);
      if (event.type === "hello") this.#begin(event);
      this.emit("event", event);
      this.#answers.settle(event);
    }
  }

  /** The browser is signed in as somebody else by now. @param {Person} user */
  #stop(user) {
    this.#drop();
    this.#enter({ name: "other-person", user });
  }

  /** @param {Hello} hello */
  #begin(hello) {
    this.#world.clearTimeout(this.#timer);
    this.#onlineSince = this.#world.now();
    this.#heartbeats.start(hello.heartbeat * 1000);
    this.#enter({ name: "online" });
  }

  #newHeartbeats() {
    return new Heartbeats(this.#world, (received, urgent) => {
      const patience = urgent ? WAKING_PATIENCE : ANSWER_PATIENCE;
      this.request({ type: "heartbeat", received }, patience).catch(() => {});
    });
  }

  #wake() {
    if (this.#state.name === "waiting") this.connect();
    if (this.#state.name === "online") this.#heartbeats.beatNow(true);
  }

  /** The server has gone silent. */
  #lose() {
    this.#socket?.close();
    this.#closed(1006);
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    if (code === SIGNED_OUT) return this.#enter({ name: "signed-out" });
    if (code === BLOCKED) return this.#enter({ name: "blocked" });
    if (code === TOO_MANY) return this.#enter({ name: "paused" });
    this.#wait(this.#pauseAfter(code), code);
  }

  #drop() {
    if (this.#socket) this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket?.close();
    this.#socket = null;
    this.#world.clearTimeout(this.#timer);
    this.#heartbeats.stop();
    this.#answers.giveUp();
  }

  /** @param {number} code */
  #pauseAfter(code) {
    const { now, random } = this.#world;
    if (now() - this.#onlineSince >= STEADY_AFTER) this.#failures = 0;
    this.#onlineSince = Infinity;
    if (code === RESTARTING) return random() * RESTART_SPREAD;
    return growingPause(this.#failures++, random, LONGEST_AWAY);
  }

  /** @param {number} milliseconds @param {number} code */
  #wait(milliseconds, code) {
    this.#timer = this.#world.setTimeout(() => this.#open(), milliseconds);
    this.#enter({ name: "waiting", retryAt: this.#world.now() + milliseconds, explained: isExplained(code) });
  }

  /** @param {ConnectionState} state */
  #enter(state) {
    this.#state = state;
    this.emit("state", state);
  }
}

/** Whether the close says why, so that nothing that was on its way is to blame. @param {number} code */
function isExplained(code) {
  return code >= OF_OUR_SERVER || TAKING_LEAVE.has(code);
}

/** The server closes the connection on a larger frame, and would again at every retry. @param {Command} command */
function isTooLarge(command) {
  return encoder.encode(JSON.stringify(command)).length > LARGEST_FRAME - 64;
}
