/** @import { ChatClient } from "./client.js" */
/** @import { Timeline } from "./timeline.js" */
/** @import { MessageList } from "./message-list.js" */
/** @import { Message, Patch } from "./types.js" */
import { closest, element, slot } from "./dom.js";
import { ScrollKeeper } from "./scroll-keeper.js";
import { say } from "./words.js";

const LOAD_WITHIN = 1200;
const MOST_COUNTED = 1000;

/** What of the log is in view: following the newest, loading pages at either end, marking as read. */
export class LogView {
  #client;
  #timeline;
  #list;
  #scroll;
  #scroller = element("log-scroller");
  #newest = element("newest");
  #unreadBar = element("unread-bar");
  #start = element("log-start");
  #unreadAtOpening;
  #readAtOpening;
  /** Set while a page failed to come, so that we don't ask again at once. */
  #held = false;
  #scheduled = false;

  /**
   * @param {ChatClient} client
   * @param {Timeline} timeline
   * @param {MessageList} list
   */
  constructor(client, timeline, list) {
    this.#client = client;
    this.#timeline = timeline;
    this.#list = list;
    this.#unreadAtOpening = timeline.info.unread;
    this.#readAtOpening = timeline.info.read_seq;
    this.#scroll = new ScrollKeeper(this.#scroller, element("log"));
    this.#listen();
  }

  /** Shows where the person left off. @param {number | null} at The message that the permalink names. */
  open(at) {
    const row = at === null ? null : this.#list.rowAt(at);
    if (row) this.#scroll.show(row, "center");
    else if (this.#list.newLine && !this.#scroll.isInView(this.#list.newLine)) this.#scroll.show(this.#list.newLine, "start");
    this.#look();
  }

  /** @param {Patch[]} patches */
  draw(patches) {
    const follows = this.#follows;
    const hadNewLine = this.#list.newLine !== null;
    this.#change(() => this.#list.draw(patches), follows);
    this.#look();
    // Who watches the words come needs no line above them.
    if (follows && !hadNewLine && !this.#newBeginsAbove && this.#isSeen) this.#timeline.moveLine();
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
    this.#look();
  }

  async showNewest() {
    if (this.#timeline.moreAfter) await this.#timeline.loadNewest().catch(() => {});
    await Promise.resolve();
    this.#scroll.toEnd();
    this.#look();
  }

  /** The network is back: pages may be asked for again. */
  release() {
    this.#held = false;
    this.#look();
  }

  get #follows() {
    return this.#scroll.isAtEnd && !this.#timeline.moreAfter;
  }

  get #isSeen() {
    return document.visibilityState === "visible";
  }

  #listen() {
    this.#scroller.addEventListener("scroll", () => this.#schedule(), { passive: true });
    window.addEventListener("resize", () => this.#schedule());
    document.addEventListener("visibilitychange", () => this.#changeVisibility());
    window.addEventListener("pagehide", () => this.#client.flushReadingMarks());
    this.#newest.addEventListener("click", () => void this.showNewest());
    this.#unreadBar.addEventListener("click", (event) => void this.#answerUnreadBar(event));
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

  #changeVisibility() {
    if (this.#isSeen) return this.#look();
    this.#client.flushReadingMarks();
    if (this.#follows && !this.#newBeginsAbove) this.#timeline.moveLine();
  }

  /** Acts on what is in view now. */
  #look() {
    const seen = this.#scroll.lastSeen();
    const message = seen && this.#list.messageOf(seen);
    this.#timeline.viewing = this.#follows ? null : (message?.seq ?? this.#timeline.viewing);
    this.#markRead(message);
    this.#loadAtEdges();
    this.#showButtons();
  }

  /** @param {Message | null} message The last one seen. */
  #markRead(message) {
    if (!this.#isSeen) return;
    const last = this.#follows ? this.#timeline.messages[this.#timeline.messages.length - 1] : message;
    if (last) this.#client.markRead(this.#timeline.info.id, last.seq);
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
    this.#showNewestButton();
    this.#showUnreadBar();
  }

  #showNewestButton() {
    const { unread } = this.#timeline;
    const hadFocus = document.activeElement === this.#newest;
    this.#newest.hidden = this.#follows;
    this.#newest.classList.toggle("has-new", unread > 0);
    slot(this.#newest, "text").textContent = describeNew(unread);
    if (this.#newest.hidden && hadFocus) element("composer-text").focus();
  }

  /** While what was new on arrival begins above what is in view. */
  #showUnreadBar() {
    const line = this.#list.newLine;
    if (line && this.#scroll.isInView(line)) this.#unreadAtOpening = 0;
    const isAbove = line ? line.getBoundingClientRect().top < this.#scroller.getBoundingClientRect().top : this.#newBeginsAbove;
    this.#unreadBar.hidden = this.#unreadAtOpening === 0 || !isAbove;
    slot(this.#unreadBar, "text").textContent = say("unread-jump", { count: shortened(this.#unreadAtOpening) });
  }

  get #newBeginsAbove() {
    return this.#unreadAtOpening > 0 && this.#timeline.newBeginsBefore;
  }

  /** @param {Event} event */
  async #answerUnreadBar(event) {
    const action = closest(event.target, "[data-action]")?.dataset.action;
    if (action === "jump") await this.#jumpToFirstNew();
    if (action === "read") this.#timeline.moveLine();
    this.#unreadAtOpening = 0;
    this.#showUnreadBar();
  }

  async #jumpToFirstNew() {
    if (!this.#list.newLine) await this.#timeline.loadAround(this.#readAtOpening + 1).catch(() => {});
    await Promise.resolve();
    const { newLine } = this.#list;
    if (newLine) this.#scroll.show(newLine, "start");
    this.#look();
  }

  /** @param {HTMLElement} row */
  #mark(row) {
    for (const marked of element("log").querySelectorAll(".is-marked")) marked.classList.remove("is-marked");
    row.classList.add("is-marked");
  }
}

/** @param {number} unread */
function describeNew(unread) {
  if (unread === 0) return say("newest");
  return unread === 1 ? say("new-one") : say("new-many", { count: shortened(unread) });
}

/** @param {number} count The server stops counting at 1000. */
export function shortened(count) {
  return count >= MOST_COUNTED ? "999+" : String(count);
}
