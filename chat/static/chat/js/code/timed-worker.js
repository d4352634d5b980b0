/**
 * @typedef {object} Question
 * @property {string} library Address of the folder that holds highlight.js, with its final slash.
 * @property {string} name What the writer called the language, in lower case.
 * @property {string} code
 */

/** @typedef {[text: string, scope: string]} Token The scope is highlight.js's, or empty. */

/** @typedef {{type: "lost"} | {type: "begun"} | {type: "done", tokens: Token[]}} Answer */

const COLOURING_MILLISECONDS = 500;
const LOADING_MILLISECONDS = 20_000;

/** Asks a worker one question at a time, and ends it when it takes too long: the next gets a fresh one. */
export class TimedWorker {
  #start;
  /** @type {Worker | null} */
  #worker = null;

  /** @param {() => Worker} start */
  constructor(start) {
    this.#start = start;
  }

  /** @param {Question} question @returns {Promise<Token[] | null>} Null when there was no answer in time. */
  ask(question) {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve) => {
      /** @param {Token[] | null} tokens */
      const end = (tokens) => {
        clearTimeout(timer);
        worker.onmessage = worker.onerror = null;
        if (!tokens) this.#drop(worker);
        resolve(tokens);
      };
      let timer = setTimeout(end, LOADING_MILLISECONDS, null);
      worker.onerror = () => end(null);
      worker.onmessage = ({ data }) => {
        if (data.type !== "begun") return end(data.tokens ?? null);
        clearTimeout(timer);
        timer = setTimeout(end, COLOURING_MILLISECONDS, null);
      };
      worker.postMessage(question);
    });
  }

  /** @param {Worker} worker */
  #drop(worker) {
    worker.terminate();
    this.#worker = null;
  }
}
