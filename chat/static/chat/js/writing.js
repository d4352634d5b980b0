/** @import { ChatClient } from "./client.js" */
/** @import { LogView } from "./log-view.js" */
/** @import { MessageList } from "./message-list.js" */
/** @import { PageData } from "./page-data.js" */
/** @import { People } from "./people.js" */
/** @import { Quotes } from "./quotes.js" */
/** @import { Draft } from "./drafts.js" */
/** @import { Tab } from "./tab.js" */
/** @import { Timeline } from "./timeline.js" */
/** @import { Message, Pending, Surroundings } from "./types.js" */
import { Composer } from "./composer.js";
import { Drafts } from "./drafts.js";
import { MessageEditor } from "./message-editor.js";
import { signedOutKey } from "./sign-out.js";
import { toast } from "./toast.js";
import { asSent } from "./typed-text.js";
import { UnfinishedEdits } from "./unfinished-edits.js";
import { say } from "./words.js";

/**
 * @typedef {object} Room
 * @property {Timeline} timeline
 * @property {MessageList} list
 * @property {LogView} view
 * @property {Quotes} quotes
 * @property {People} people
 */

/** What a person writes in a room, new or anew, and that none of it is lost. */
export class Writing {
  #client;
  #room;
  #person;
  #tab;
  #drafts;
  #composer;
  #unfinished;
  /** @type {MessageEditor | null} */
  #editor = null;
  /** Ids of messages that were looked for and are gone. @type {Set<number>} */
  #gone = new Set();

  /**
   * @param {ChatClient} client
   * @param {Pick<Surroundings, "storage" | "now" | "onStorage">} world
   * @param {Tab} tab
   * @param {PageData} data
   * @param {Room} room
   */
  constructor(client, world, tab, { person, info }, room) {
    this.#client = client;
    this.#room = room;
    this.#person = person.id;
    this.#tab = tab;
    this.#drafts = new Drafts(world, { person: person.id, room: info.id, tab: tab.id });
    this.#drafts.inherit();
    this.#composer = new Composer(client, info.id, this.#drafts, room, {
      sent: () => void room.view.showNewest(),
      editLast: () => this.#editLast(),
    });
    this.#unfinished = new UnfinishedEdits(this.#drafts, (id) => this.#isLost(id), {
      goOn: (edit) => void this.#goOn(edit),
      use: (text) => this.#composer.putBack(text),
    });
    world.onStorage(({ key, newValue }) => key === signedOutKey(person.id) && newValue && this.#forget());
    this.#followPage();
  }

  get composer() {
    return this.#composer;
  }

  /** Goes on where this tab, or one that was closed, was left. */
  open() {
    this.#drafts.mark(true);
    this.#reopen();
    void this.#tab.withLiving((living) => this.#inherit(living));
  }

  /** The log was drawn anew, in part or whole. */
  refresh() {
    this.requote();
    if (this.#editor) this.#refreshEditor(this.#editor);
    this.#offer();
  }

  /** A message that may be answered here was edited or deleted, or its author renamed. */
  requote() {
    this.#composer.requote();
  }

  /** @param {HTMLElement} row @param {Message} message */
  edit(row, message) {
    if (this.#editor?.id !== message.id) this.#openEditor(row, message);
    this.#editor?.focus();
  }

  /** @param {Pending} pending A post that was given up. */
  putBack({ body, reply_to }) {
    const answered = reply_to === null ? null : this.#room.timeline.find(reply_to);
    this.#composer.putBack(body, answered);
  }

  #followPage() {
    window.addEventListener("pagehide", () => {
      this.#drafts.mark(false);
      this.#tab.leave();
    });
    window.addEventListener("pageshow", (event) => event.persisted && this.#comeBack());
  }

  /** Another page of this tab, or another tab, may have gone on with what stood here. */
  #comeBack() {
    this.#tab.enter();
    this.#composer.reread();
    this.open();
  }

  /** @param {Set<string> | null} living */
  #inherit(living) {
    this.#drafts.inherit(living);
    if (this.#composer.isEmpty && this.#drafts.get(null)) this.#composer.reread();
    this.#reopen();
  }

  /** The latest edit that was begun, if its message is on the page; the others are offered. */
  #reopen() {
    const [edit] = this.#drafts.edits();
    const found = edit?.edits && !this.#editor ? this.#find(edit.edits.id) : null;
    if (found && asSent(edit.text) === found.message.body) this.#drafts.forget(found.message.id);
    else if (found) this.#openEditor(found.row, found.message);
    this.#offer();
  }

  /** @param {Draft} edit */
  async #goOn({ edits }) {
    if (!edits) return;
    try {
      await this.#room.view.show(edits.seq);
    } catch {
      return toast(say("action-failed", { detail: say("offline") }));
    }
    const found = this.#find(edits.id);
    if (found) return this.edit(found.row, found.message);
    this.#gone.add(edits.id);
    this.#offer();
  }

  /** @param {number} id @returns {{row: HTMLElement, message: Message} | null} What can be edited. */
  #find(id) {
    const message = this.#room.timeline.find(id);
    const row = this.#room.list.rowOf(id);
    return message && row && !message.deleted ? { row, message } : null;
  }

  /** @param {number} id */
  #isLost(id) {
    return this.#room.timeline.find(id)?.deleted ?? this.#gone.has(id);
  }

  #editLast() {
    const { messages } = this.#room.timeline;
    const own = [...messages].reverse().find(({ author, deleted }) => author.id === this.#person && !deleted);
    const row = own && this.#room.list.rowOf(own.id);
    if (row) this.edit(row, own);
  }

  /** @param {HTMLElement} row @param {Message} message */
  #openEditor(row, message) {
    this.#editor?.remove();
    this.#editor = new MessageEditor(this.#client, this.#drafts, row, message, () => this.#closeEditor());
    this.#offer();
  }

  #closeEditor() {
    this.#editor?.remove();
    this.#editor = null;
    this.#offer();
    this.#composer.focus();
  }

  /** @param {MessageEditor} editor */
  #refreshEditor(editor) {
    const found = this.#find(editor.id);
    if (found && editor.stands) return editor.take(found.message);
    editor.remove();
    this.#editor = null;
    if (found) this.#openEditor(found.row, found.message);
  }

  #offer() {
    this.#unfinished.show(this.#editor?.id ?? null);
  }

  /** The person has signed out, in whichever tab: none of what they wrote stays. */
  #forget() {
    this.#drafts.end();
    this.#client.forgetUnsent();
    this.#editor?.remove();
    this.#editor = null;
    this.#composer.clear();
    this.#offer();
  }
}
