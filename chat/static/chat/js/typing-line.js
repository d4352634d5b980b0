/** @import { Person } from "./types.js" */
import { element } from "./dom.js";
import { labelOf } from "./person-name.js";
import { say } from "./words.js";

const TYPING_LASTS = 5000;

/** Who is writing something in the room. */
export class TypingLine {
  #line = element("typing");
  /** By person. @type {Map<number, {person: Person, timer: any}>} */
  #typing = new Map();

  /** @param {Person} person */
  add(person) {
    clearTimeout(this.#typing.get(person.id)?.timer);
    const timer = setTimeout(() => this.remove(person.id), TYPING_LASTS);
    this.#typing.set(person.id, { person, timer });
    this.#draw();
  }

  /** They have said it, or stopped. @param {number} person */
  remove(person) {
    clearTimeout(this.#typing.get(person)?.timer);
    if (this.#typing.delete(person)) this.#draw();
  }

  /** @param {Person} person */
  rename(person) {
    const typing = this.#typing.get(person.id);
    if (!typing) return;
    typing.person = person;
    this.#draw();
  }

  #draw() {
    const [name, other, ...more] = [...this.#typing.values()].map(({ person }) => labelOf(person));
    if (more.length) this.#line.textContent = say("typing-many");
    else if (other) this.#line.textContent = say("typing-two", { name, other });
    else this.#line.textContent = name ? say("typing-one", { name }) : "";
  }
}
