// Checks manifests against the Kubernetes models: node check.mjs FILE.yaml …
// Types, required fields and enumerations by kubernetes-models, fields that do not exist by its validators and by @kubernetes/client-node.
// Prints a line for each mistake, then how many objects were checked.
import { readFileSync } from "node:fs";
import yaml from "js-yaml";
import * as serialized from "./node_modules/@kubernetes/client-node/dist/gen/models/ObjectSerializer.js";

const custom = {
  "cert-manager.io": "@kubernetes-models/cert-manager",
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
  "keda.sh": "@kubernetes-models/keda",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
};

/** The class of an object: of kubernetes-models for Kubernetes' own kinds, of the package of its API group for others. */
async function modelOf({ apiVersion, kind }) {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  const module = await import(group in custom ? `${custom[group]}/${apiVersion}` : `kubernetes-models/${apiVersion}`);
  if (!module[kind]) {
    throw new Error(`kind '${kind}' does not exist in '${apiVersion}'`);
  }
  return { Model: module[kind], isCustom: group in custom };
}

/**
 * An object that remembers what its validator looks at. Validators ask for every property that a type has, by its name, and walk over the keys of
 * what is a map; what they never ask for does not exist.
 */
function watched(value, path, unknown) {
  if (value === null || typeof value !== "object") {
    return value;
  }
  const children = new Map();
  const asked = new Set();
  let isMap = Array.isArray(value);
  unknown.push(() => (isMap || asked.size === 0 ? [] : Object.keys(value).filter((key) => !asked.has(key)).map((key) => `${path}.${key}`)));
  return new Proxy(value, {
    get(target, key) {
      asked.add(key);
      if (!children.has(key)) {
        children.set(key, watched(target[key], Array.isArray(target) ? `${path}[${String(key)}]` : `${path}.${String(key)}`, unknown));
      }
      return children.get(key);
    },
    ownKeys(target) {
      isMap = true;
      return Reflect.ownKeys(target);
    },
  });
}

/** Fields that the client library's type does not have. */
function unknownToClient(value, type, path) {
  const element = /^(?:Array<|Set<)(.*)>$/.exec(type) ?? /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (element && value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([key, item]) => unknownToClient(item, element[1], Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`));
  }
  const model = serialized[type];
  if (!model?.getAttributeTypeMap || value === null || typeof value !== "object") {
    return [];
  }
  const attributes = new Map(model.getAttributeTypeMap().map((attribute) => [attribute.baseName, attribute]));
  return Object.entries(value).flatMap(([key, item]) => attributes.has(key) ? unknownToClient(item, attributes.get(key).type, `${path}.${key}`) : [`${path}.${key}`]);
}

async function mistakesOf(manifest) {
  const { Model, isCustom } = await modelOf(manifest);
  const mistakes = new Set();
  const unknown = [];
  try {
    watched(new Model(manifest), "", unknown).validate();
  } catch (error) {
    mistakes.add(error.message);
  }
  unknown.flatMap((ask) => ask()).forEach((path) => mistakes.add(`${path} does not exist`));
  if (!isCustom) {
    const type = `V${manifest.apiVersion.split("/").at(-1).slice(1)}${manifest.kind}`;
    if (!serialized[type]) {
      throw new Error(`the client library has no type '${type}'`);
    }
    unknownToClient(manifest, type, "").forEach((path) => mistakes.add(`${path} does not exist`));
  }
  return [...mistakes];
}

let checked = 0;
for (const file of process.argv.slice(2)) {
  for (const manifest of yaml.loadAll(readFileSync(file, "utf8")).filter((document) => document)) {
    const name = `${manifest.kind} '${manifest.metadata?.name}'`;
    try {
      (await mistakesOf(manifest)).forEach((mistake) => console.log(`${name}: ${mistake}`));
    } catch (error) {
      console.log(`${name}: ${error.message}`);
    }
    checked++;
  }
}
console.log(`checked ${checked}`);
