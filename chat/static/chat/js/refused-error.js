/** @import { Refusal } from "./types.js" */

const WORTH_RETRYING = new Set(["rate_limited", "unavailable", "offline"]);

/** A command that was not carried out; `message` is text for people. Code `offline`: not sent, or no answer came. */
export class RefusedError extends Error {
  /** @param {Pick<Refusal, "code" | "detail" | "errors" | "retry_after">} refusal */
  constructor({ code, detail, errors = {}, retry_after }) {
    super(detail);
    this.name = "RefusedError";
    this.code = code;
    this.errors = errors;
    /** Milliseconds, when the server told. */
    this.retryAfter = retry_after === undefined ? null : retry_after * 1000;
  }

  get isWorthRetrying() {
    return WORTH_RETRYING.has(this.code);
  }
}
