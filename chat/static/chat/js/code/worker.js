/** @import { Answer, Question, Token } from "./timed-worker.js" */

// A worker of its own: what a language's rules cost for a text made to that end, only this thread pays. Import maps do
// not reach in here, so the page says where the library lies.

export {};

/** The scopes that `highlight.css` gives a colour. */
const COLOURED = new Set([
  ...["addition", "attr", "attribute", "built_in", "bullet", "char", "class", "code", "comment", "deletion", "doctag"],
  ...["formula", "keyword", "link", "literal", "meta", "name", "number", "property", "quote", "regexp", "section"],
  ...["selector-attr", "selector-class", "selector-id", "selector-pseudo", "selector-tag", "string", "symbol"],
  ...["template-tag", "template-variable", "title", "type", "variable"],
]);

self.addEventListener("message", (event) => void answer(event.data));

/** @param {Question} question */
async function answer({ library, name, code }) {
  const highlight = await load(library, name).catch(() => null);
  if (!highlight) return tell({ type: "lost" });
  tell({ type: "begun" });
  tell({ type: "done", tokens: tokensOf(highlight(code)) });
}

/**
 * @param {string} library Address of the vendored folder, with its final slash.
 * @param {string} name What the writer called the language.
 * @returns {Promise<(code: string) => string>} Gives the code as HTML, which is never shown as such: none for a
 *   language that nobody knows.
 */
async function load(library, name) {
  const [{ default: hljs }, { LANGUAGES, EMBEDDED }] = await Promise.all([
    import(`${library}core.min.js`),
    import(`${library}names.js`),
  ]);
  const language = LANGUAGES.get(name);
  if (!language) return () => "";
  await Promise.all([language, ...(EMBEDDED.get(language) ?? [])].map((each) => register(hljs, library, each)));
  /** @param {string} code */
  const highlight = (code) => hljs.highlight(code, { language, ignoreIllegals: true }).value;
  highlight(""); // makes ready what the language's rules need: that is no part of the time that a text may take
  return highlight;
}

/** @param {any} hljs @param {string} library @param {string} language */
async function register(hljs, library, language) {
  if (hljs.getLanguage(language)) return;
  const module = await import(`${library}languages/${language}.min.js`);
  hljs.registerLanguage(language, module.default);
}

/** @param {Answer} answer */
function tell(answer) {
  self.postMessage(answer);
}

/** @param {string} html Text and `<span class>`s, as highlight.js writes them. @returns {Token[]} */
function tokensOf(html) {
  /** @type {Token[]} */
  const tokens = [];
  const scopes = [""];
  for (const [part, opened] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    const scope = scopes[scopes.length - 1];
    if (opened !== undefined) scopes.push(scopeWithin(scope, opened));
    else if (part === "</span>") scopes.pop();
    else add(tokens, unescape(part), scope);
  }
  return tokens;
}

/** @param {string} outer @param {string} names As in `class="hljs-title function_"`, or `language-css` around what is embedded. */
function scopeWithin(outer, names) {
  const scope = names.replace(/^hljs-/, "").split(/[ .]/)[0];
  if (COLOURED.has(scope)) return scope;
  return scope === "subst" || scope.startsWith("language-") ? "" : outer;
}

/** @param {Token[]} tokens @param {string} text @param {string} scope */
function add(tokens, text, scope) {
  const last = tokens[tokens.length - 1];
  if (last?.[1] === scope) last[0] += text;
  else tokens.push([text, scope]);
}

/** @type {Record<string, string>} */
const CHARACTERS = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };

/** @param {string} text */
function unescape(text) {
  return text.replace(/&(?:lt|gt|quot|#x27|amp);/g, (entity) => CHARACTERS[entity]);
}
