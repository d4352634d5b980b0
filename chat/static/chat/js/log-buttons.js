import { shortened } from "./counts.js";
import { closest, element, slot } from "./dom.js";
import { say } from "./words.js";

/** Over the log: the way down to the newest, and the way up to the first that is new. */
export class LogButtons {
  #newest = element("newest");
  #bar = element("unread-bar");

  /** @param {{newest: () => void, jump: () => void, read: () => void}} ways */
  constructor({ newest, jump, read }) {
    this.#newest.addEventListener("click", newest);
    this.#bar.addEventListener("click", (event) => {
      const action = closest(event.target, "[data-action]")?.dataset.action;
      if (action === "jump") jump();
      if (action === "read") read();
    });
  }

  /** @param {boolean} isThere The newest is in view. @param {number} unread */
  showNewest(isThere, unread) {
    const hadFocus = document.activeElement === this.#newest;
    this.#newest.hidden = isThere;
    this.#newest.classList.toggle("has-new", unread > 0);
    slot(this.#newest, "text").textContent = describeNew(unread);
    if (this.#newest.hidden && hadFocus) element("composer-text").focus();
  }

  /** @param {boolean} isAbove What was new on arrival begins above what is in view. @param {number} count */
  showUnread(isAbove, count) {
    this.#bar.hidden = !isAbove;
    slot(this.#bar, "text").textContent = say("unread-jump", { count: shortened(count) });
  }
}

/** @param {number} unread */
function describeNew(unread) {
  if (unread === 0) return say("newest");
  return unread === 1 ? say("new-one") : say("new-many", { count: shortened(unread) });
}
