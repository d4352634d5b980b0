/** @import { ChatClient } from "./client.js" */
/** @import { PageData } from "./page-data.js" */
/** @import { Tab } from "./tab.js" */
/** @import { Left, Message, Patch, Person, Surroundings } from "./types.js" */
import { askToDelete, requoteAsked } from "./ask-delete.js";
import { copyAsTalk } from "./copied-talk.js";
import { copy } from "./copying.js";
import { ConnectionNotice } from "./connection-notice.js";
import { closest, element, slot, within } from "./dom.js";
import { EmojiPicker } from "./emoji-picker.js";
import { Here } from "./here.js";
import { LogView } from "./log-view.js";
import { MessageBodies } from "./message-body.js";
import { MessageList } from "./message-list.js";
import { MessageRows } from "./message-row.js";
import { MessageTools } from "./message-tools.js";
import { People } from "./people.js";
import { renameEverywhere } from "./person-name.js";
import { Quotes } from "./quotes.js";
import { isMine, isSameEmoji } from "./reactions.js";
import { Sidebar } from "./sidebar.js";
import { TabTitle } from "./tab-title.js";
import { toast } from "./toast.js";
import { TypingLine } from "./typing-line.js";
import { reasonOf, say } from "./words.js";
import { Writing } from "./writing.js";

/** A room's page: its parts, and who tells whom. */
export class RoomPage {
  #client;
  #data;
  #room;
  #name;
  #timeline;
  #log = element("log");
  #people;
  #quotes;
  #list;
  #view;
  #tools;
  /** Null in an archived room. */
  #writing;
  #title;
  #typing = new TypingLine();
  #picker = new EmojiPicker();

  /**
   * @param {ChatClient} client
   * @param {Surroundings} surroundings
   * @param {Tab} tab
   * @param {PageData} data
   */
  constructor(client, surroundings, tab, data) {
    const { info, person } = data;
    this.#client = client;
    this.#data = data;
    this.#room = info.id;
    this.#name = info.name;
    this.#timeline = client.open(info, data.page);
    this.#people = new People(info.id, person);
    this.#people.meetAuthors(data.page.messages);
    this.#quotes = new Quotes((id) => this.#timeline.find(id), (query) => surroundings.fetchPage(info.id, query));
    const rows = new MessageRows(person, this.#people, this.#quotes, new MessageBodies(element("log-scroller")), (seq) => this.#addressOf(seq));
    this.#list = new MessageList(this.#log, this.#timeline, rows, person.id);
    this.#view = new LogView(client, surroundings, this.#timeline, this.#list);
    const parts = { timeline: this.#timeline, list: this.#list, view: this.#view, quotes: this.#quotes, people: this.#people };
    this.#writing = data.archived ? null : new Writing(client, surroundings, tab, data, parts);
    this.#tools = new MessageTools(this.#log, (row) => this.#list.messageOf(row), (tool, message) => this.#may(tool, message), this.#newTools());
    this.#title = new TabTitle(client);
    new Sidebar(client, info.id).update(data.rooms.map((room) => ({ ...room, info: room })));
    new ConnectionNotice(client);
  }

  open() {
    this.#listen();
    this.#view.open(this.#data.at);
    this.#tools.keepReachable();
    this.#title.show(this.#data.rooms.reduce((sum, { unread }) => sum + unread, 0));
    this.#client.watch([this.#room]);
    this.#writing?.open();
    if (matchMedia("(pointer: fine)").matches) this.#writing?.composer.focus();
  }

  #listen() {
    const here = new Here(this.#people);
    this.#timeline.on("patches", (patches) => this.#draw(patches));
    this.#timeline.on("revised", (message) => this.#requote(message));
    this.#timeline.on("window", () => this.#view.arrange());
    this.#timeline.on("numbers", () => this.#takeNumbers());
    this.#client.on("presence", (presence) => presence.room === this.#room && void here.show(presence));
    this.#client.on("typing", ({ room, user }) => room === this.#room && user.id !== this.#data.person.id && this.#typing.add(this.#people.now(user)));
    this.#client.on("left", (left) => left.room === this.#room && this.#leave(left));
    this.#client.on("joined", (room) => room === this.#room && !element("room-lost").hidden && location.reload());
    this.#client.on("person", (person) => this.#renamePerson(person));
    this.#client.on("state", ({ name }) => name === "other-person" && this.#writing?.composer.close());
    this.#client.on("hello", () => this.#view.release());
    this.#client.on("build", () => (element("build-notice").hidden = false));
    within(document, "[data-action=reload]").addEventListener("click", () => location.reload());
    copyAsTalk(this.#log);
    this.#log.addEventListener("click", (event) => this.#click(event));
    document.getElementById("composer-emoji")?.addEventListener("click", () => this.#pickForText());
  }

  /** @param {Patch[]} patches */
  #draw(patches) {
    this.#people.meetAuthors(this.#timeline.messages);
    if (patches.some(({ type }) => type === "reset")) this.#quotes.forget();
    for (const patch of patches) if (patch.type === "insert") this.#typing.remove(patch.message.author.id);
    this.#view.draw(patches);
    this.#writing?.refresh();
    this.#tools.keepReachable();
  }

  /** @param {Person} person */
  #renamePerson(person) {
    if (!this.#people.rename(person)) return;
    renameEverywhere(person);
    this.#typing.rename(person);
    this.#writing?.requote();
    const reacted = this.#timeline.messages.filter(({ reactions }) => reactions.some(({ users }) => users.includes(person.id)));
    if (reacted.length) this.#view.draw(reacted.map((message) => ({ type: "update", message, was: message })));
  }

  /** What others quote follows at once, wherever it is quoted. @param {Message} message */
  #requote(message) {
    this.#quotes.take(message);
    this.#list.requote(message);
    this.#writing?.requote();
    requoteAsked(message);
  }

  #takeNumbers() {
    this.#view.arrange();
    const { name, slug } = this.#timeline.info;
    if (name !== this.#name) this.#rename(name, slug);
  }

  /** @param {string} name @param {string} slug */
  #rename(name, slug) {
    this.#title.rename(this.#name, name);
    this.#name = name;
    element("room-name").textContent = name;
    history.replaceState(null, "", `/rooms/${encodeURIComponent(slug)}/`);
  }

  /** @param {Left} left */
  #leave({ reason }) {
    if (this.#data.archived) return;
    const notice = element("room-lost");
    slot(notice, "text").textContent = say(reason === "left" ? "left" : `left-${reason}`);
    notice.hidden = false;
    this.#writing?.composer.close();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const link = closest(event.target, ".quote, .message-time");
    const button = closest(event.target, ".message-state [data-action]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.#follow(event, link);
    if (button) this.#answerFailure(button);
    stayWhileReading(closest(event.target, ".message-body a"));
  }

  /** @param {MouseEvent} event @param {HTMLElement} link */
  #follow(event, link) {
    const seq = Number(link.dataset.seq ?? closest(link, ".message")?.dataset.seq);
    if (!seq) return;
    event.preventDefault();
    this.#view.show(seq).catch(() => toast(say("action-failed", { detail: say("offline") })));
    if (link.matches(".message-time")) history.replaceState(null, "", this.#addressOf(seq));
  }

  /** @param {HTMLElement} button */
  #answerFailure(button) {
    const clientId = closest(button, ".message")?.dataset.client;
    if (!clientId) return;
    if (button.dataset.action === "retry") return this.#client.retry(clientId);
    const post = this.#client.discard(clientId);
    if (post) this.#writing?.putBack(post);
  }

  #pickForText() {
    void this.#picker.open(element("composer-emoji"), (emoji) => this.#writing?.composer.insert(emoji));
  }

  /** @param {string} tool @param {Message} message */
  #may(tool, { author }) {
    const own = author.id === this.#data.person.id;
    if (tool === "delete") return own || this.#data.moderates;
    return tool !== "edit" || own;
  }

  /** @returns {import("./message-tools.js").Tool} */
  #newTools() {
    return {
      reply: (message) => this.#writing?.composer.replyTo(message),
      edit: (message, row) => this.#writing?.edit(row, message),
      delete: (message) => void this.#delete(message),
      copy: (message) => void this.#copy(message.body),
      link: (message) => void this.#copy(new URL(this.#addressOf(message.seq), location.href).href),
      pick: (message, row) => void this.#picker.open(row, (emoji) => this.#react(message.id, emoji)),
      react: (message, _row, emoji) => this.#react(message.id, emoji),
      leave: () => this.#writing?.composer.focus(),
    };
  }

  /** @param {number} id @param {string} emoji */
  #react(id, emoji) {
    const reactions = this.#timeline.find(id)?.reactions ?? [];
    const mine = reactions.some((each) => isSameEmoji(each.emoji, emoji) && isMine(each, this.#data.person.id));
    void this.#explainFailure(this.#client.react(this.#room, id, emoji, !mine));
  }

  /** @param {Message} message */
  async #delete(message) {
    if (await askToDelete(message)) await this.#explainFailure(this.#client.delete(this.#room, message.id));
  }

  /** @param {string} text */
  async #copy(text) {
    await copy(text).then(() => toast(say("copied")), () => toast(say("not-copied")));
  }

  /** @param {Promise<void>} action */
  async #explainFailure(action) {
    try {
      await action;
    } catch (error) {
      toast(say("action-failed", { detail: reasonOf(error) }));
    }
  }

  /** @param {number} seq */
  #addressOf(seq) {
    return `/rooms/${encodeURIComponent(this.#timeline.info.slug)}/at/${seq}/`;
  }
}

/** A link that leads out of the chat opens beside it. @param {HTMLElement | null} link */
function stayWhileReading(link) {
  if (link instanceof HTMLAnchorElement && link.origin !== location.origin) link.target = "_blank";
}
