/** @import { ChatClient } from "./client.js" */
import { isolated } from "./bidi.js";
import { shortened } from "./counts.js";
import { within } from "./dom.js";

/** What the tab tells from afar: how much is unread, in all rooms. */
export class TabTitle {
  #plain = document.title;
  #unread = 0;
  #icon = /** @type {HTMLLinkElement} */ (within(document.head, "link[rel=icon]"));
  #icons = { quiet: this.#icon.href, unread: this.#icon.dataset.unread ?? this.#icon.href };

  /** @param {ChatClient} client */
  constructor(client) {
    client.on("rooms", () => this.show([...client.timelines.values()].reduce((sum, { unread }) => sum + unread, 0)));
  }

  /** @param {string} from @param {string} to The room's name has changed. */
  rename(from, to) {
    this.#plain = this.#plain.replace(isolated(from), () => isolated(to));
    this.show(this.#unread);
  }

  /** @param {number} unread */
  show(unread) {
    this.#unread = unread;
    document.title = unread ? `(${shortened(unread)}) ${this.#plain}` : this.#plain;
    const icon = unread ? this.#icons.unread : this.#icons.quiet;
    if (this.#icon.href !== icon) this.#icon.href = icon;
  }
}
