/** @import { ChatClient } from "./client.js" */
/** @import { RoomInfo } from "./types.js" */
import { shortened } from "./counts.js";
import { cloneElement, element, slot, within } from "./dom.js";

/** @typedef {{info: RoomInfo, unread: number, mentions: number}} Listed */

/** The person's rooms, with what is unread in them. */
export class Sidebar {
  #client;
  #shown;
  #list = element("rooms");
  #markAll = element("mark-all-read");
  #dot = element("unread-elsewhere");
  /** Before `hello` the client knows the shown room only. */
  #isComplete = false;

  /** @param {ChatClient} client @param {number | null} shown The room shown, if it is to be listed. */
  constructor(client, shown) {
    this.#client = client;
    this.#shown = shown;
    this.#markAll.addEventListener("click", () => client.markAllRead());
    client.on("hello", () => this.#complete());
    client.on("rooms", () => this.update());
  }

  /** @param {Listed[]} rooms */
  update(rooms = this.#rooms()) {
    const links = rooms.map((room) => this.#draw(room));
    if (this.#isComplete) this.#replace(links);
    this.#markAll.hidden = !this.#list.querySelector(".is-unread");
    this.#dot.hidden = !this.#list.querySelector(".is-unread:not([aria-current])");
  }

  #complete() {
    this.#isComplete = true;
    this.update();
  }

  /** @returns {Listed[]} */
  #rooms() {
    const all = [...this.#client.timelines.values()];
    return all.sort((one, other) => one.info.name.localeCompare(other.info.name) || one.info.id - other.info.id);
  }

  /** @param {HTMLElement[]} items */
  #replace(items) {
    const same = items.length === this.#list.children.length && items.every((item, at) => item === this.#list.children[at]);
    if (!same) this.#list.replaceChildren(...items);
  }

  /** @param {Listed} room @returns {HTMLElement} */
  #draw({ info, unread, mentions }) {
    const link = this.#list.querySelector(`[data-room="${info.id}"]`) ?? within(cloneElement("room-link-template"), "a");
    const item = /** @type {HTMLElement} */ (link.parentElement);
    link.setAttribute("href", `/rooms/${encodeURIComponent(info.slug)}/`);
    link.setAttribute("data-room", String(info.id));
    if (info.id === this.#shown) link.setAttribute("aria-current", "page");
    link.classList.toggle("is-unread", unread > 0);
    within(link, ".room-link-name").textContent = info.name;
    within(link, ".badge").hidden = unread === 0;
    within(link, ".badge").classList.toggle("badge-mention", mentions > 0);
    slot(link, "unread").textContent = shortened(unread);
    return item;
  }
}
