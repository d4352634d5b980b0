/** @import { Message, Person } from "./types.js" */

/** Who is who in a room: from what they said, else asked of the server when a name is needed. */
export class People {
  #room;
  /** @type {Map<number, Person>} */
  #known = new Map();
  /** Asked about already, so that an unknown one is asked for once. @type {Set<number>} */
  #asked = new Set();
  /** Ends with what was asked last. @type {Promise<unknown>} */
  #looking = Promise.resolve();
  /** Whose name the server has told since: whatever else comes may be older. @type {Set<number>} */
  #renamed = new Set();

  /** @param {number} room @param {Person} self */
  constructor(room, self) {
    this.#room = room;
    this.meet(self);
  }

  /** @param {Person} person */
  meet(person) {
    if (!this.#renamed.has(person.id)) this.#known.set(person.id, person);
  }

  /** They are called so from now on. @param {Person} person @returns {boolean} Whether that is another name. */
  rename(person) {
    const before = this.#known.get(person.id);
    this.#renamed.add(person.id);
    this.#known.set(person.id, person);
    return before?.name !== person.name || before.username !== person.username || before.ambiguous !== person.ambiguous;
  }

  /** As they are called now. @param {Person} person As something said earlier has them. @returns {Person} */
  now(person) {
    return this.#renamed.has(person.id) ? (this.#known.get(person.id) ?? person) : person;
  }

  /** @param {readonly Message[]} messages */
  meetAuthors(messages) {
    for (const { author } of messages) this.meet(author);
  }

  /** @param {number} id */
  find(id) {
    return this.#known.get(id) ?? null;
  }

  /**
   * One after another, as an answer names many.
   * @param {number[]} ids @returns {Promise<Person[]>} Those of them who can be found.
   */
  async look(ids) {
    if (ids.some((id) => !this.#known.has(id))) await (this.#looking = this.#looking.then(() => this.#askFor(ids)));
    return ids.map((id) => this.#known.get(id)).filter((person) => person !== undefined);
  }

  /** @param {number[]} ids */
  async #askFor(ids) {
    for (const id of [...ids].sort((a, b) => a - b)) {
      if (!this.#known.has(id) && !this.#asked.has(id)) await this.#ask(id);
    }
  }

  /** Members come in pages by id: the one that begins with this person names their neighbours too. @param {number} id */
  async #ask(id) {
    this.#asked.add(id);
    const answer = await fetch(`/api/rooms/${this.#room}/members?after=${id - 1}`).catch(() => null);
    if (!answer?.ok) return void this.#asked.delete(id);
    for (const person of await answer.json()) this.meet(person);
  }
}
