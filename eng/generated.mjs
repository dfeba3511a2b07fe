// What the scripts share that make files of this repository from others of it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

/** A file's text, by its path in the repository. */
export const read = (path) => readFileSync(new URL(path, root), "utf8");

const cell = (text) => text.replaceAll("|", "\\|");

/** A Markdown table. */
export function table(head, rows) {
  return [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`)].join("\n");
}

/** A file's text with the part between two marks replaced. */
export function between(text, mark, content) {
  const [begin, end] = [`<!-- ${mark}: begin -->`, `<!-- ${mark}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`The file lacks the marks '${begin}' and '${end}'.`);
  }
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

/**
 * Writes files that differ from what they should be; with --check says which ones do, and exits with 1.
 * @param made Contents by path.
 * @param advice How to mend it: the command, and from what the files are made.
 */
export function emit(made, advice) {
  const stale = Object.keys(made).filter((path) => !existsSync(new URL(path, root)) || read(path) !== made[path]);
  if (!process.argv.includes("--check")) {
    for (const path of stale) {
      const file = fileURLToPath(new URL(path, root));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, made[path]);
    }
    return;
  }
  stale.forEach((path) => console.error(`${path} does not say what ${advice}.`));
  process.exitCode = stale.length > 0 ? 1 : 0;
}
