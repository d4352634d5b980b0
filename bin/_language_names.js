// Writes names.js beside the copied highlight.js: which module colours a language, by each of its names, and which
// others it needs for what is written within it. For bin/vendor, which gives the folder and the names of our own.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// PostgreSQL's functions may be written in a dozen languages: those stay plain.
const MOST_EMBEDDED = 3;

const [, , folder, more] = process.argv;
const { default: hljs } = await load("core.min.js");
const languages = readdirSync(join(folder, "languages")).map((file) => file.replace(".min.js", "")).sort();
const names = new Map();
const embedded = new Map();
for (const language of languages) {
  const path = join("languages", `${language}.min.js`);
  const { aliases = [] } = (await load(path)).default(hljs);
  for (const alias of aliases) if (!names.has(alias.toLowerCase())) names.set(alias.toLowerCase(), language);
  const inner = embeddedIn(readFileSync(join(folder, path), "utf8")).filter((name) => name !== language && languages.includes(name));
  if (inner.length > 0 && inner.length <= MOST_EMBEDDED) embedded.set(language, inner);
}
for (const [name, language] of Object.entries(JSON.parse(more))) names.set(name, language);
for (const language of languages) if (language !== "shell") names.set(language, language);

writeFileSync(join(folder, "names.js"), `${table("LANGUAGES", names)}\n${table("EMBEDDED", embedded)}`);

function load(path) {
  return import(pathToFileURL(join(folder, path)).href);
}

function embeddedIn(source) {
  const found = [...source.matchAll(/subLanguage:(\[[^\]]*\]|"[^"]*")/g)].flatMap(([, value]) => JSON.parse(value));
  return [...new Set(found)];
}

function table(name, map) {
  const rows = [...map].sort(([one], [other]) => (one < other ? -1 : 1)).map((row) => `  ${JSON.stringify(row)},\n`);
  return `export const ${name} = new Map([\n${rows.join("")}]);\n`;
}
