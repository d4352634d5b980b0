/** @import { ChatClient } from "./client.js" */
/** @import { Timeline } from "./timeline.js" */
/** @import { MessageList } from "./message-list.js" */
/** @import { Patch, Surroundings } from "./types.js" */
import { onNewDay } from "./day-watch.js";
import { element } from "./dom.js";
import { Hold } from "./hold.js";
import { LogButtons } from "./log-buttons.js";
import { Reading } from "./reading.js";
import { ScrollKeeper } from "./scroll-keeper.js";

const LOAD_WITHIN = 1200;
/** Screens on either side of what is in view, of which nothing is ever dropped. */
const KEPT_SCREENS = 2;

/** What of the log is in view: following the newest, loading pages at either end, what is read. */
export class LogView {
  #client;
  #timeline;
  #list;
  #scroll;
  #hold;
  #reading;
  #scroller = element("log-scroller");
  #start = element("log-start");
  #buttons = new LogButtons({
    newest: () => void this.showNewest(),
    jump: () => void this.#jumpToFirstNew(),
    read: () => this.#answerUnreadBar(() => this.#markAllRead()),
  });
  #unreadAtOpening;
  #readAtOpening;
  /** Set while a page failed to come, so that we don't ask again at once. */
  #held = false;
  #scheduled = false;
  #wasAttended = false;
  #wasAtNewest = false;

  /**
   * @param {ChatClient} client
   * @param {Surroundings} surroundings
   * @param {Timeline} timeline
   * @param {MessageList} list
   */
  constructor(client, surroundings, timeline, list) {
    this.#client = client;
    this.#timeline = timeline;
    this.#list = list;
    this.#unreadAtOpening = timeline.info.unread;
    this.#readAtOpening = timeline.info.read_seq;
    this.#scroll = new ScrollKeeper(this.#scroller, element("log"));
    this.#hold = new Hold(this.#scroller, () => this.#schedule());
    this.#reading = new Reading(surroundings, {
      isAttended: () => this.#isAttended,
      isReadBefore: (seq) => this.#isAtNewest || timeline.isReadBefore(seq),
      mark: (seq) => client.markRead(timeline.info.id, seq),
    });
    this.#listen();
  }

  /** Shows where the person left off. @param {number | null} at The message that the permalink names. */
  open(at) {
    const row = at === null ? null : this.#list.rowAt(at);
    const { newLine } = this.#list;
    if (row) this.#scroll.show(row, "center");
    else if (newLine && !this.#scroll.isInView(newLine)) this.#scroll.show(newLine, "start");
    this.#look();
  }

  /** @param {Patch[]} patches */
  draw(patches) {
    const follows = this.#follows;
    // Who watches the words come needs no line above them.
    if (follows && !this.#list.newLine && !this.#newBeginsAbove && this.#isAttended) this.#timeline.moveLine(this.#lastPlace);
    this.#change(() => this.#list.draw(patches), follows);
    this.#look();
  }

  arrange() {
    this.#change(() => this.#list.arrange(), this.#follows);
    this.#loadAtEdges();
    this.#showButtons();
  }

  /** @param {() => void} change @param {boolean} follows */
  #change(change, follows) {
    if (!follows) return this.#scroll.keep(change);
    change();
    this.#scroll.toEnd();
  }

  /** @param {number} seq @returns {Promise<void>} */
  async show(seq) {
    if (!this.#list.rowAt(seq)) await this.#timeline.loadAround(seq);
    await Promise.resolve();
    const row = this.#list.rowAt(seq);
    if (!row) return;
    this.#scroll.show(row, "center");
    this.#mark(row);
    this.#arrive();
  }

  async showNewest() {
    if (this.#timeline.moreAfter) await this.#timeline.loadNewest().catch(() => {});
    await Promise.resolve();
    this.#scroll.toEnd();
    this.#arrive();
  }

  /** The network is back: pages may be asked for again. */
  release() {
    this.#held = false;
    this.#look();
  }

  get #isAtNewest() {
    return this.#scroll.isAtEnd && !this.#timeline.moreAfter;
  }

  /** The newest must have been in view before: who stands at the end of a window that goes on reads on there. */
  get #follows() {
    return this.#wasAtNewest && this.#isAtNewest && !this.#hold.isOn;
  }

  /** Whether somebody looks: a window beside the one that they work in can be seen as well. */
  get #isAttended() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  get #lastPlace() {
    const { messages } = this.#timeline;
    return messages[messages.length - 1]?.seq ?? 0;
  }

  #listen() {
    this.#scroller.addEventListener("scroll", () => this.#schedule(), { passive: true });
    window.addEventListener("resize", () => this.#schedule());
    for (const change of ["focus", "blur"]) window.addEventListener(change, () => this.#changeAttention());
    document.addEventListener("visibilitychange", () => this.#changeAttention());
    window.addEventListener("pagehide", () => this.#client.flushReadingMarks());
    onNewDay((isElsewhere) => this.#changeDay(isElsewhere));
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#held = false;
      this.#look();
    });
  }

  #changeAttention() {
    if (this.#wasAttended && !this.#isAttended) {
      this.#client.flushReadingMarks();
      if (this.#follows && !this.#newBeginsAbove) this.#timeline.moveLine();
    }
    this.#look();
  }

  /** @param {boolean} isElsewhere */
  #changeDay(isElsewhere) {
    if (isElsewhere) this.#list.showTimes();
    this.arrange();
  }

  /** By a jump: what lies between was not passed. */
  #arrive() {
    this.#reading.lookAway();
    this.#look();
  }

  /** Acts on what is in view now. */
  #look() {
    const view = this.#view();
    this.#wasAttended = this.#isAttended;
    this.#wasAtNewest = this.#isAtNewest;
    this.#timeline.viewing = this.#follows ? null : (view?.last ?? this.#timeline.viewing);
    this.#timeline.near = this.#near();
    this.#reading.see(view);
    this.#watch(view);
    this.#loadAtEdges();
    this.#showButtons();
  }

  /** @returns {import("./reading.js").View | null} */
  #view() {
    const first = this.#placeOf(this.#scroll.firstSeen());
    const last = this.#isAtNewest ? this.#lastPlace : this.#placeOf(this.#scroll.lastSeen());
    return last ? { first: first ?? last, last } : null;
  }

  /** What stays whatever comes: what is near, and what is selected. */
  #near() {
    const { first, last } = this.#scroll.near(KEPT_SCREENS);
    const places = [first, last, ...this.#hold.rows].map((row) => this.#placeOf(row)).filter((place) => place !== null);
    return places.length ? { from: Math.min(...places), to: Math.max(...places) } : null;
  }

  /** @param {HTMLElement | null} row */
  #placeOf(row) {
    return (row && this.#list.messageOf(row)?.seq) ?? null;
  }

  /** @param {import("./reading.js").View | null} view */
  #watch(view) {
    const isWatched = view && this.#isAttended && (this.#isAtNewest || this.#timeline.isReadBefore(view.first));
    this.#timeline.watch(isWatched ? view.last : 0);
  }

  #loadAtEdges() {
    if (this.#held || this.#timeline.loading) return;
    const { moreBefore, moreAfter } = this.#timeline;
    if (moreBefore && this.#scroll.above < LOAD_WITHIN) void this.#load(() => this.#timeline.loadOlder());
    else if (moreAfter && this.#scroll.below < LOAD_WITHIN) void this.#load(() => this.#timeline.loadNewer());
  }

  /** @param {() => Promise<void>} load */
  async #load(load) {
    try {
      await load();
    } catch {
      this.#held = true;
    }
  }

  #showButtons() {
    this.#start.hidden = this.#timeline.moreBefore;
    this.#buttons.showNewest(this.#isAtNewest, this.#timeline.unread);
    const line = this.#list.newLine;
    if (line && this.#scroll.isInView(line)) this.#unreadAtOpening = 0;
    const isAbove = line ? this.#scroll.isAbove(line) : this.#newBeginsAbove;
    this.#buttons.showUnread(this.#unreadAtOpening > 0 && isAbove, this.#unreadAtOpening);
  }

  get #newBeginsAbove() {
    return this.#unreadAtOpening > 0 && this.#timeline.newBeginsBefore;
  }

  /** @param {() => void} act */
  #answerUnreadBar(act) {
    act();
    this.#unreadAtOpening = 0;
    this.#showButtons();
  }

  #markAllRead() {
    this.#client.markRead(this.#timeline.info.id, this.#timeline.lastSeq);
    this.#timeline.moveLine();
  }

  async #jumpToFirstNew() {
    if (!this.#list.newLine) await this.#timeline.loadAround(this.#readAtOpening + 1).catch(() => {});
    await Promise.resolve();
    const { newLine } = this.#list;
    if (newLine) this.#scroll.show(newLine, "start");
    this.#answerUnreadBar(() => this.#arrive());
  }

  /** @param {HTMLElement} row */
  #mark(row) {
    for (const marked of element("log").querySelectorAll(".is-marked")) marked.classList.remove("is-marked");
    row.classList.add("is-marked");
  }
}
