/** @import { Token } from "../../chat/static/chat/js/code/timed-worker.js" */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { TimedWorker } from "../../chat/static/chat/js/code/timed-worker.js";
import { EMBEDDED, LANGUAGES } from "../../chat/static/chat/vendor/highlight/names.js";

const LIBRARY = new URL("../../chat/static/chat/vendor/highlight/", import.meta.url);
const STYLES = new URL("../../chat/static/chat/css/highlight.css", import.meta.url);
const ODD_CODE = `<a href="x">&amp;'\\" \u202e\u0000😀 /* c */ # d -- e {f: 1.5e3} $g \`h\` @i [j](k) <!-- l -->\r\n\tdef m(): return 0x7f\n`;

/** The worker itself, in a thread of node's. @returns {any} */
function startWorker() {
  const thread = new Worker(new URL("./support/web-worker.js", import.meta.url));
  /** @type {any} */
  const worker = { onmessage: null, onerror: null };
  thread.on("message", (data) => worker.onmessage?.({ data }));
  thread.on("error", (error) => worker.onerror?.(error));
  worker.postMessage = (/** @type {any} */ data) => thread.postMessage(data);
  worker.terminate = () => void thread.terminate();
  return worker;
}

/** Asks one worker after another. @param {import("node:test").TestContext} context */
function workersFor(context) {
  /** @type {any[]} */
  const workers = [];
  const timed = new TimedWorker(() => workers[workers.push(startWorker()) - 1]);
  context.after(() => workers.forEach((worker) => worker.terminate()));
  return {
    ask: (/** @type {string} */ name, /** @type {string} */ code) => timed.ask({ library: LIBRARY.href, name, code }),
    started: () => workers.length,
  };
}

/** @param {Token[] | null} tokens */
function textOf(tokens) {
  return tokens?.map(([text]) => text).join("");
}

test("at least a hundred languages can be coloured, and each of their names leads to one", () => {
  assert.ok(new Set(LANGUAGES.values()).size >= 100);
  for (const language of [...LANGUAGES.values(), ...[...EMBEDDED.values()].flat()]) {
    assert.ok(readFileSync(new URL(`languages/${language}.min.js`, LIBRARY)).length > 0);
  }
});

test("people's usual names for languages are known", () => {
  const names = ["py", "js", "ts", "tsx", "jsx", "sh", "bash", "shell", "zsh", "console", "c", "c++", "h", "cs", "c#", "f#", "go", "golang"];
  const more = ["rs", "rb", "kt", "hs", "html", "xml", "svg", "vue", "yml", "toml", "jsonc", "docker", "make", "ps1", "objective-c", "tex"];
  for (const name of [...names, ...more]) assert.ok(LANGUAGES.has(name), name);
});

test("in every language, what is coloured says what was written", async (context) => {
  const { ask, started } = workersFor(context);
  for (const language of new Set(LANGUAGES.values())) assert.equal(textOf(await ask(language, ODD_CODE)), ODD_CODE, language);
  assert.equal(started(), 1);
});

test("what stands in a language within a language is coloured too", async (context) => {
  const { ask } = workersFor(context);
  const tokens = (await ask("html", "<style>p { color: red }</style><script>const a = 1</script>")) ?? [];
  assert.ok(tokens.some(([text, scope]) => text === "const" && scope === "keyword"));
  assert.ok(tokens.some(([text, scope]) => text === "color" && scope === "attribute"));
});

test("only scopes that have a colour are told", async (context) => {
  const styles = readFileSync(STYLES, "utf8");
  const { ask } = workersFor(context);
  for (const language of new Set(LANGUAGES.values())) {
    for (const [, scope] of (await ask(language, ODD_CODE)) ?? []) assert.ok(!scope || styles.includes(`.hljs-${scope},`) || styles.includes(`.hljs-${scope} `), scope);
  }
});

test("who takes longer than half a second is ended, and the next gets a fresh worker", { timeout: 20_000 }, async (context) => {
  const { ask, started } = workersFor(context);
  await ask("java", "int a;");
  const before = performance.now();
  assert.equal(await ask("java", "_".repeat(200_000)), null);
  assert.ok(performance.now() - before < 5_000);
  assert.equal(textOf(await ask("java", "int a;")), "int a;");
  assert.equal(started(), 2);
});

test("a language that nobody knows leaves the code plain", async (context) => {
  const { ask, started } = workersFor(context);
  for (const name of ["nobody-knows-this", "__proto__", "constructor", "../core"]) assert.deepEqual(await ask(name, "a = 1"), []);
  assert.equal(started(), 1);
});

test("so does one whose rules cannot be loaded", async () => {
  const timed = new TimedWorker(startWorker);
  assert.equal(await timed.ask({ library: "file:///nowhere/", name: "python", code: "a = 1" }), null);
});
