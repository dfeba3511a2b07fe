// Writes what helm/winnow says in two more places: the `# --` comments of values.yaml into the tables of README.md and into the
// descriptions of values.schema.json.
//   node eng/chart-docs.mjs            writes both files
//   node eng/chart-docs.mjs --check    exits with 1 when one of them differs
import { between, emit, read, table } from "./generated.mjs";

const [values, schemaFile, readme] = ["values.yaml", "values.schema.json", "README.md"].map((name) => `helm/winnow/${name}`);

/** Every documented key of values.yaml: { path, text, fallback }, the last one what the table shows as its default. */
function documented() {
  const found = [];
  const path = [];
  let text = null;
  const lines = read(values).split("\n");
  lines.forEach((line, index) => {
    const comment = /^ *# -- (.*)$/.exec(line);
    if (comment) {
      text = comment[1];
      return;
    }
    const key = /^((?:  )*)([A-Za-z][\w-]*):(?: (.*))?$/.exec(line);
    if (!key) {
      return;
    }
    path.splice(key[1].length / 2, Infinity, key[2]);
    if (text !== null) {
      found.push({ path: path.join("."), text, fallback: key[3] ? `\`${key[3]}\`` : block(lines, index + 1, key[1].length) });
      text = null;
    }
  });
  return found;
}

/** A list or map of several lines is not repeated; a section whose keys have comments of their own has nothing to show. */
function block(lines, from, indent) {
  return lines[from].startsWith(`${" ".repeat(indent + 2)}# -- `) ? "" : "in values.yaml";
}

function valuesTable(keys) {
  return table(["key", "default", "meaning"], keys.map(({ path, text, fallback }) => [`\`${path}\``, fallback, text]));
}

function modelsTable(schema) {
  const item = schema.properties.models.items;
  return table(["key", "meaning"], Object.entries(item.properties)
    .map(([key, { description }]) => [`\`${key}\``, item.required.includes(key) ? `${description} Required.` : description]));
}

function described(schema, keys) {
  for (const { path, text } of keys) {
    let node = schema;
    for (const part of path.split(".")) {
      node = node.properties?.[part];
      if (!node) {
        throw new Error(`values.schema.json does not have '${path}' of values.yaml; describe it there, with its type.`);
      }
    }
    node.description = text;
  }
  return schema;
}

const keys = documented();
const schema = described(JSON.parse(read(schemaFile)), keys);
emit({
  [schemaFile]: `${JSON.stringify(schema, null, 2)}\n`,
  [readme]: between(between(read(readme), "values", valuesTable(keys)), "models", modelsTable(schema)),
}, "values.yaml says; run 'node eng/chart-docs.mjs'");
