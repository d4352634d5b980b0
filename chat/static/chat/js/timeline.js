/** @import { Epoch, Message, Page, Patch, Pending, Reacted, Read, Reset, RoomInfo, Surroundings, Synced, SyncCommand } from "./types.js" */
import { Emitter } from "./emitter.js";
import { MessageWindow } from "./message-window.js";
import { PageLoader } from "./page-loader.js";
import { PatchBatch } from "./patch-batch.js";
import { PendingList } from "./pending-list.js";
import { OwnReactions } from "./reactions.js";
import { isTooMuchToReplay, replay } from "./replay.js";
import { Sequence } from "./sequence.js";
import { MOST_COUNTED, Unread, mentionsPerson } from "./unread.js";

const PAGE_LENGTH = 50;
const MOST_HELD = 400;
const TRIMMED_AT_ONCE = 100;

/**
 * What a timeline asks of the world.
 * @typedef {Pick<Surroundings, "fetchPage" | "setTimeout" | "clearTimeout" | "random"> & {
 *   sync: (command: SyncCommand) => Promise<Synced | Reset>,
 * }} TimelineSurroundings
 */

/**
 * One room as this page knows it: its numbers, a contiguous window of its messages, one's pending posts.
 *
 * Events, told once all that came together has been taken in: `patches` (what to redraw), `window` (moreBefore,
 * moreAfter or loading may have changed), `numbers` (unread, mentions, readSeq, firstNew or info may have changed).
 * At once: `stored` (the `client_id` of a message of one's own that was seen), `revised` (the latest state of a
 * message that was edited or deleted, held here or not).
 * @extends {Emitter<{patches: Patch[], window: void, numbers: void, stored: string, revised: Message}>}
 */
export class Timeline extends Emitter {
  /**
   * The seq of the message in view when the person has scrolled away from the end, null while they follow the
   * newest. Set by the page.
   * @type {number | null}
   */
  viewing = null;

  /**
   * The places of what is in view or near it: these stay when a window that grew too long is cut. Set by the page.
   * @type {{from: number, to: number} | null}
   */
  near = null;


  #person;
  #world;
  #info;
  /** @type {Epoch | null} */
  #epoch = null;
  #sequence;
  #unread;
  #isOpen = false;
  #line;
  #watched = 0;
  #window = new MessageWindow();
  #pending = new PendingList();
  #own;
  #pages;
  /** @type {Promise<void> | null} */
  #makingSure = null;
  #batch = new PatchBatch((patches, aspects) => {
    if (!this.#unread.isSure && !this.#holdsUnread) void this.#makeSure();
    if (patches.length) this.emit("patches", patches);
    for (const aspect of aspects) this.emit(aspect, undefined);
  });

  /**
   * @param {RoomInfo} info
   * @param {number} person Id of the person signed in.
   * @param {TimelineSurroundings} world
   */
  constructor(info, person, world) {
    super();
    this.#person = person;
    this.#world = world;
    this.#info = info;
    this.#line = info.read_seq;
    this.#sequence = new Sequence(info.last_seq, world, () => this.#catchUp());
    this.#unread = new Unread(person, info, info.last_seq);
    this.#own = new OwnReactions(person);
    this.#pages = new PageLoader(
      (query) => world.fetchPage(info.id, query),
      world,
      (page) => this.#takeWindow(page),
      () => this.#batch.mark("window"),
    );
  }

  get info() {
    return this.#info;
  }

  /** Whether it holds a window at all, or the numbers only. */
  get isOpen() {
    return this.#isOpen;
  }

  /** By rising seq; deleted ones stay, emptied. */
  get messages() {
    return this.#window.messages;
  }

  /** In the order of their making, after all messages. */
  get pending() {
    return this.#pending.all;
  }

  /** The room has older messages than the window. */
  get moreBefore() {
    return this.#isOpen && this.#window.moreBefore;
  }

  /** The room has newer messages than the window: live ones do not show until `loadNewest`. */
  get moreAfter() {
    return this.#isOpen && this.#window.moreAfter;
  }

  /** A page is on its way. */
  get loading() {
    return this.#pages.loading;
  }

  /** Every change up to this number has been taken in. */
  get lastSeq() {
    return this.#sequence.at;
  }

  get readSeq() {
    return this.#unread.readSeq;
  }

  get unread() {
    return this.#holdsUnread ? Math.min(MOST_COUNTED, this.#heldUnread.length) : this.#unread.unread;
  }

  get mentions() {
    if (!this.#holdsUnread) return this.#unread.mentions;
    return this.#heldUnread.filter((message) => mentionsPerson(message, this.#person)).length;
  }

  /** Whether what is new begins before the window. */
  get newBeginsBefore() {
    return this.moreBefore && this.#window.from > this.#line + 1;
  }

  /** The first message after the "new" line, or null. */
  get firstNew() {
    return this.messages.find((message) => this.#isUnreadAfter(this.#line, message)) ?? null;
  }

  /** Puts the "new" line after what has been read by now, or after a place. @param {number} [after] */
  moveLine(after = this.readSeq) {
    this.#line = Math.max(after, this.readSeq);
    this.#batch.mark("numbers");
  }

  /** Whether nothing unread stands before a place. @param {number} seq */
  isReadBefore(seq) {
    if (this.moreBefore && this.#window.from > this.readSeq + 1) return false;
    return !this.messages.some((message) => message.seq < seq && this.#isUnreadAfter(this.readSeq, message));
  }

  /** @param {number} id */
  find(id) {
    return this.#window.find(id);
  }

  /** @param {Page} page The first window. */
  open(page) {
    this.#isOpen = true;
    this.#takeWindow(page);
  }

  /** The room's events will not come any more. */
  stop() {
    this.#pages.cancel();
    this.#sequence.stop();
  }

  // Other pages. Each promise resolves once the page is drawn, and rejects when it could not be fetched.

  /** @returns {Promise<void>} */
  loadOlder() {
    const before = this.#window.from;
    if (!this.moreBefore) return Promise.resolve();
    return this.#pages.extend({ before, limit: PAGE_LENGTH }, (page) => {
      if (this.#window.from !== before) return;
      this.#takeBeside(page, () => this.#window.extendBefore(this.#completed(page)), "end");
    });
  }

  /** @returns {Promise<void>} */
  loadNewer() {
    const after = this.#window.to;
    if (!this.moreAfter) return Promise.resolve();
    return this.#pages.extend({ after, limit: PAGE_LENGTH }, (page) => {
      if (this.#window.to !== after) return;
      this.#takeBeside(page, () => this.#window.extendAfter(this.#completed(page)), "start");
    });
  }

  /** @returns {Promise<void>} */
  loadNewest() {
    this.viewing = null;
    return this.#goToView();
  }

  /** @param {number} seq @returns {Promise<void>} */
  loadAround(seq) {
    this.viewing = seq;
    return this.#goToView();
  }

  // What the server tells

  /**
   * The room as it stands at the start of a connection.
   * @param {RoomInfo} info
   * @param {Epoch} epoch
   */
  greet(info, epoch) {
    if (this.#isFromAnother(epoch)) this.#reset(info.last_seq, epoch);
    this.#epoch = epoch;
    this.takeInfo(info);
    if (this.#pages.retrying) void this.#startAfresh();
    if (this.#isOpen && info.last_seq !== this.lastSeq) void this.#sequence.catchUpNow();
  }

  /** @param {RoomInfo} info */
  takeInfo(info) {
    this.#info = info;
    this.#takeCounts(info);
  }

  /**
   * A numbered change, whether or not its kind of event is known. `message` events are for everybody alike.
   * @param {{type?: unknown, seq: number, message?: Message}} change
   */
  apply({ type, seq, message }) {
    if (message) this.#place(this.#own.complete(message, type === "message"));
    if (message) this.#unread.count(message);
    this.#sequence.see(seq);
    this.#trimOutOfView();
    this.#batch.mark("numbers");
  }

  /** In another tab one put an emoji on a message, or took it off. @param {Reacted} event */
  takeReaction(event) {
    this.#own.take(event);
    const held = this.find(event.message);
    const message = held && this.#own.complete(held, true);
    if (held && message && message !== held) this.#batch.add(this.#window.amend(message, held));
  }

  /** @param {number} head */
  noteHead(head) {
    this.#sequence.noteHead(head);
  }

  /** @param {Read} mark */
  takeMark(mark) {
    this.#unread.takeMark(mark);
    this.#batch.mark("numbers");
  }

  // What the person does

  /** @param {number} seq @returns {boolean} Whether it was not read before. */
  markRead(seq) {
    if (seq <= this.readSeq) return false;
    this.#unread.markRead(seq);
    this.#batch.mark("numbers");
    return true;
  }

  /** How far somebody's eyes are now: it will be read in a second, and is not counted until then. @param {number} seq */
  watch(seq) {
    if (seq === this.#watched) return;
    this.#watched = seq;
    this.#batch.mark("numbers");
  }

  /** @param {Pending} pending New, or in a new state. */
  pend(pending) {
    const isNew = this.#pending.put(pending);
    this.#batch.add({ type: isNew ? "pend" : "pending", pending });
  }

  /** @param {string} clientId */
  unpend(clientId) {
    const pending = this.#pending.take(clientId);
    if (pending) this.#batch.add({ type: "unpend", pending });
  }

  // Catching up

  async #catchUp() {
    if (!this.#isOpen) return this.#askNumbers();
    if (isTooMuchToReplay(this.#sequence.behind)) return this.#startAfresh();
    const { generation } = this.#pages;
    const outcome = await replay(
      this.lastSeq,
      (after) => this.#sync({ after }),
      (answer, after, reached) => {
        if (generation !== this.#pages.generation) return false;
        this.#takeChanges(answer, after, reached);
        return true;
      },
    );
    if (generation !== this.#pages.generation || outcome === "done") return;
    if (outcome === "too much") return this.#startAfresh();
    this.#reset(outcome.last_seq, outcome.epoch);
  }

  /** Too much was missed to replay it: a new window costs one page. */
  async #startAfresh() {
    const isRenewed = await this.#pages.renew(() => this.#pageInView());
    if (!isRenewed) return;
    this.#unread.doubt();
    await this.#makeSure();
  }

  /** What fails is made up for by the next hello. */
  #makeSure() {
    this.#makingSure ??= this.#askNumbers()
      .catch(() => {})
      .finally(() => (this.#makingSure = null));
    return this.#makingSure;
  }

  async #askNumbers() {
    const { generation } = this.#pages;
    const answer = await this.#sync({ limit: 0 });
    if (generation !== this.#pages.generation) return;
    if (answer.type === "reset") this.#reset(answer.last_seq, answer.epoch);
    else this.#takeCounts(answer);
  }

  /** @param {Partial<SyncCommand>} question */
  #sync(question) {
    const epoch = this.#epoch ?? undefined;
    return this.#world.sync({ type: "sync", room: this.#info.id, after: this.lastSeq, epoch, ...question });
  }

  /** @param {Synced} answer @param {number} after @param {number} reached */
  #takeChanges(answer, after, reached) {
    for (const message of answer.messages) this.#place(this.#own.complete(message, false));
    if (this.lastSeq >= after) this.#sequence.moveTo(reached);
    if (!answer.more) this.#takeCounts(answer);
    this.#trimOutOfView();
  }

  /** @param {{last_seq: number, read_seq: number, unread: number, mentions: number}} counts */
  #takeCounts(counts) {
    this.#unread.take(counts, counts.last_seq);
    if (this.#isOpen) this.#sequence.noteHead(counts.last_seq);
    else this.#sequence.moveTo(counts.last_seq);
    this.#batch.mark("numbers");
  }

  /** @param {Epoch} epoch */
  #isFromAnother(epoch) {
    return this.#epoch !== null && this.#epoch !== epoch;
  }

  /** The numbers begin anew: nothing held is worth anything. @param {number} lastSeq @param {Epoch} epoch */
  #reset(lastSeq, epoch) {
    this.#epoch = epoch;
    this.#sequence.restart(lastSeq);
    this.#line = Math.min(this.#line, lastSeq);
    this.#unread.restart({ read_seq: 0, unread: 0, mentions: 0 }, 0);
    this.#unread.doubt();
    this.#window.clear();
    this.#own.forget();
    this.#batch.add({ type: "reset" });
    if (this.#isOpen) void this.#startAfresh();
  }

  // Pages

  /** Without any window it does not give up, since there would be none for ever. */
  #goToView() {
    return this.#window.isMissing ? this.#startAfresh() : this.#pages.replace(this.#pageInView());
  }

  /** The page that holds what the person looks at. */
  #pageInView() {
    const around = this.viewing === null ? {} : { around: this.viewing };
    return { ...around, limit: PAGE_LENGTH };
  }

  /** @param {Page} page */
  #takeWindow(page) {
    if (this.#isFromAnother(page.epoch)) return this.#reset(page.last_seq, page.epoch);
    this.#epoch = page.epoch;
    this.#seeOwn(page.messages);
    this.#window.replace(this.#completed(page));
    if (page.last_seq > this.lastSeq) this.#unread.doubt();
    this.#sequence.moveBackTo(page.last_seq);
    this.#sequence.moveTo(page.last_seq);
    this.#batch.add({ type: "reset" });
  }

  /**
   * A page beside the window is as of its own number: what changed after it, and came while it was on its way,
   * must come again.
   * @param {Page} page
   * @param {() => Patch[]} extend
   * @param {"start" | "end"} farEnd
   */
  #takeBeside(page, extend, farEnd) {
    if (this.#isFromAnother(page.epoch)) return this.#reset(page.last_seq, page.epoch);
    this.#seeOwn(page.messages);
    this.#batch.add(...extend());
    this.#sequence.moveBackTo(page.last_seq);
    this.#sequence.noteHead(page.last_seq);
    this.#trim(farEnd);
  }

  /** @param {Page} page */
  #completed(page) {
    return { ...page, messages: page.messages.map((message) => this.#own.complete(message, false)) };
  }

  #trimOutOfView() {
    this.#trim(this.viewing === null ? "start" : "end");
  }

  /** What is in view or near it stays: the far end is cut first. @param {"start" | "end"} end Cut where nothing is in view. */
  #trim(end) {
    if (this.messages.length <= MOST_HELD + TRIMMED_AT_ONCE) return;
    const spare = this.#window.spare(this.near);
    const far = !this.near || spare.start === spare.end ? end : spare.start > spare.end ? "start" : "end";
    for (const each of far === "start" ? ["start", "end"] : ["end", "start"]) {
      if (each === "start") this.#batch.add(...this.#window.trimStart(Math.max(MOST_HELD, this.messages.length - spare.start)));
      else this.#batch.add(...this.#window.trimEnd(Math.max(MOST_HELD, this.messages.length - spare.end)));
      if (this.messages.length <= MOST_HELD + TRIMMED_AT_ONCE) return;
    }
  }

  // Messages

  /** @param {Message} message */
  #place(message) {
    const pending = this.#ownPending(message);
    const patch = this.#window.put(message);
    if (message.changed_seq > message.seq && (message.deleted || message.edited_at)) this.emit("revised", message);
    if (pending && patch?.type === "insert") return this.#batch.add({ ...patch, type: "confirm", pending });
    if (pending) this.#batch.add({ type: "unpend", pending });
    if (patch) this.#batch.add(patch);
  }

  /** @param {Message[]} messages */
  #seeOwn(messages) {
    for (const message of messages) {
      const pending = this.#ownPending(message);
      if (pending) this.#batch.add({ type: "unpend", pending });
    }
  }

  /** @param {Message} message */
  #ownPending(message) {
    if (message.author.id !== this.#person) return null;
    const pending = this.#pending.take(message.client_id);
    this.emit("stored", message.client_id);
    return pending;
  }

  /** Whether all that is unread stands in the window, so that it can be counted there. */
  get #holdsUnread() {
    return this.#isOpen && !this.#window.moreAfter && this.#window.from <= this.readSeq + 1;
  }

  get #heldUnread() {
    const seen = Math.max(this.readSeq, this.#watched);
    return this.messages.filter((message) => this.#isUnreadAfter(seen, message));
  }

  /** @param {number} seq @param {Message} message */
  #isUnreadAfter(seq, message) {
    return message.seq > seq && message.author.id !== this.#person && !message.deleted;
  }
}
