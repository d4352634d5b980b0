/** @import { Person, Presence } from "./types.js" */
/** @import { People } from "./people.js" */
import { fillAvatar, nameOf } from "./avatar.js";
import { cloneElement, element, within } from "./dom.js";
import { fillName } from "./person-name.js";
import { say } from "./words.js";

const FACES = 4;

/** Who has the room open now. */
export class Here {
  #people;
  #button = element("here");
  #faces = element("here-faces");
  #count = element("here-count");
  #list = element("here-people");

  /** @param {People} people */
  constructor(people) {
    this.#people = people;
  }

  /** @param {Presence} presence */
  async show({ here = [], count = here.length }) {
    this.#button.hidden = count === 0;
    this.#count.textContent = say("here", { count });
    this.#button.setAttribute("aria-label", say("here-label", { count }));
    const people = await this.#people.look(here);
    const byName = people.sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
    this.#faces.replaceChildren(...byName.slice(0, FACES).map(face));
    this.#list.replaceChildren(...byName.map(row));
  }
}

/** @param {Person} person */
function face(person) {
  const avatar = within(cloneElement("person-template"), ".avatar");
  fillAvatar(avatar, person);
  return avatar;
}

/** @param {Person} person */
function row(person) {
  const item = cloneElement("person-template");
  fillAvatar(within(item, ".avatar"), person);
  fillName(within(item, ".person-name"), person);
  return item;
}
