// Recomputes the expected texts of ../own/cases.json with @huggingface/jinja: every template of that folder with every conversation.
// Run here, after `npm ci`. The clock stands still at the time that the tests give; a case that the peer refuses has no text.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const Clock = Date;
globalThis.Date = class extends Clock {
  constructor(...parts) {
    super(...(parts.length ? parts : [2024, 6, 6, 5, 4, 3]));
  }
};
const { Template } = await import("@huggingface/jinja");

const folder = new URL("../own/", import.meta.url);
const data = JSON.parse(readFileSync(new URL("cases.json", folder), "utf8"));
const expected = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith(".jinja")).sort()) {
  const template = new Template(readFileSync(new URL(file, folder), "utf8"));
  expected[file] = data.conversations.map((variables) => {
    try {
      return template.render({ bos_token: "<s>", eos_token: "</s>", ...variables });
    } catch {
      return null;
    }
  });
}
const lines = data.conversations.map((variables) => "  " + JSON.stringify(variables)).join(",\n");
const texts = Object.entries(expected).map(([file, list]) => `${JSON.stringify(file)}: [\n${list.map((text) => "  " + JSON.stringify(text)).join(",\n")}\n]`);
writeFileSync(new URL("cases.json", folder), `{"conversations": [\n${lines}\n],\n"expected": {${texts.join(",\n")}}}\n`);
