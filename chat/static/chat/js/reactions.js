/** @import { Message, Reaction, Reacted } from "./types.js" */

const VARIATION_SELECTORS = /[\ufe0e\ufe0f]/g;

/** Whether two spellings are of one emoji. @param {string} one @param {string} other */
export function isSameEmoji(one, other) {
  return bare(one) === bare(other);
}

/** @param {Reaction} reaction @param {number} person */
export function isMine({ mine, users }, person) {
  return mine === true || users.includes(person);
}

/** @param {string} emoji */
function bare(emoji) {
  return emoji.replace(VARIATION_SELECTORS, "");
}

/**
 * Which reactions are one's own where more people have reacted alike than a message names: what all are told leaves
 * it open, answers to oneself and `reacted` events tell it, in whatever order they come.
 */
export class OwnReactions {
  #person;
  /** By message and emoji. @type {Map<string, boolean>} */
  #known = new Map();

  /** @param {number} person */
  constructor(person) {
    this.#person = person;
  }

  /** Nothing that is held is worth anything. */
  forget() {
    this.#known.clear();
  }

  /**
   * @param {Message} message
   * @param {boolean} isForAll Whether it came in an event that everybody gets alike.
   * @returns {Message} With `mine` wherever its `users` do not tell.
   */
  complete(message, isForAll) {
    if (!message.reactions.some((reaction) => this.#isOpen(reaction))) return message;
    const reactions = message.reactions.map((reaction) => {
      if (!this.#isOpen(reaction)) return reaction;
      const { mine, ...told } = reaction;
      if (!isForAll) this.#known.set(key(message.id, told.emoji), mine ?? false);
      return this.#known.get(key(message.id, told.emoji)) ? { ...told, mine: true } : told;
    });
    return { ...message, reactions };
  }

  /** @param {Reacted} event */
  take({ message, emoji, on }) {
    this.#known.set(key(message, emoji), on);
  }

  /** @param {Reaction} reaction */
  #isOpen({ count, users }) {
    return count > users.length && !users.includes(this.#person);
  }
}

/** @param {number} message @param {string} emoji */
function key(message, emoji) {
  return `${message} ${bare(emoji)}`;
}
