// The page's worker in a thread of node's, which has the same means under other names.
import { parentPort } from "node:worker_threads";

/** @type {any} */ (globalThis).self = {
  addEventListener: (/** @type {string} */ _type, /** @type {(event: any) => void} */ listen) =>
    parentPort?.on("message", (data) => listen({ data })),
  postMessage: (/** @type {any} */ data) => parentPort?.postMessage(data),
};
await import("../../../chat/static/chat/js/code/worker.js");
