/** @import { ChatClient } from "./client.js" */
/** @import { ConnectionState } from "./types.js" */
import { element, slot, within } from "./dom.js";
import { labelOf } from "./person-name.js";
import { say } from "./words.js";

/** A connection that comes at once is not worth a word. */
const PATIENCE = 1500;
/** States that end by nothing that the page does by itself. @type {Set<ConnectionState["name"]>} */
const FOR_GOOD = new Set(["signed-out", "blocked", "other-person", "paused"]);

/** Tells that the connection is lost, and what can be done. */
export class ConnectionNotice {
  #client;
  #notice = element("connection-notice");
  #text = slot(this.#notice, "text");
  #tryNow = within(this.#notice, "[data-action=try]");
  #signIn = slot(this.#notice, "sign-in");
  #reload = slot(this.#notice, "reload");
  /** @type {any} */
  #timer = null;
  #wasOnline = false;

  /** @param {ChatClient} client */
  constructor(client) {
    this.#client = client;
    this.#tryNow.addEventListener("click", () => client.connect());
    this.#reload.addEventListener("click", () => location.reload());
    client.on("state", (state) => this.#take(state));
    this.#take(client.state);
  }

  /** @param {ConnectionState} state */
  #take(state) {
    if (state.name === "online") return this.#hide();
    if (FOR_GOOD.has(state.name)) return this.#show();
    if (!this.#notice.hidden) return this.#show();
    this.#timer ??= setTimeout(() => this.#show(), PATIENCE);
  }

  #hide() {
    this.#wasOnline = true;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#notice.hidden = true;
  }

  #show() {
    const { state } = this.#client;
    const { name } = state;
    const other = state.name === "other-person" ? labelOf(state.user) : "";
    this.#text.textContent = say(this.#reason(name), { name: other });
    this.#reload.hidden = name !== "other-person";
    this.#tryNow.hidden = name !== "waiting" && name !== "paused";
    this.#signIn.hidden = name !== "signed-out";
    this.#notice.hidden = false;
  }

  /** @param {ConnectionState["name"]} name */
  #reason(name) {
    if (FOR_GOOD.has(name)) return name;
    return this.#wasOnline || name === "waiting" ? "reconnecting" : "connecting";
  }
}
