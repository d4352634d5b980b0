/** @import { Draft, Drafts } from "./drafts.js" */
import { closest, element, slot, within } from "./dom.js";
import { say } from "./words.js";

/** Offers, the latest first, what was begun to be edited and neither saved nor given up. */
export class UnfinishedEdits {
  #drafts;
  #isLost;
  #line = element("unfinished-edit");
  /** @type {Draft | null} */
  #offered = null;

  /**
   * @param {Drafts} drafts
   * @param {(id: number) => boolean} isLost Whether the message has been deleted.
   * @param {{goOn: (edit: Draft) => void, use: (text: string) => void}} events
   */
  constructor(drafts, isLost, { goOn, use }) {
    this.#drafts = drafts;
    this.#isLost = isLost;
    this.#line.addEventListener("click", (event) => {
      const action = closest(event.target, "[data-action]")?.dataset.action;
      const edit = this.#offered;
      if (!edit || !action) return;
      if (action === "go-on") return goOn(edit);
      this.#drafts.forget(edit.edits?.id ?? 0);
      if (action === "use") use(edit.text);
      this.show(null);
    });
  }

  /** @param {number | null} open The message that is being edited now. */
  show(open) {
    const edit = this.#drafts.edits().find(({ edits }) => edits?.id !== open) ?? null;
    this.#offered = edit;
    this.#line.hidden = !edit;
    if (!edit) return;
    const isLost = this.#isLost(edit.edits?.id ?? 0);
    slot(this.#line, "text").textContent = say(isLost ? "lost-edit" : "unfinished-edit", { text: edit.text });
    within(this.#line, "[data-action=go-on]").hidden = isLost;
    within(this.#line, "[data-action=use]").hidden = !isLost;
  }
}
