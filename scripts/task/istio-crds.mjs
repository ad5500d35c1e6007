import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

/** Where Istio publishes the definitions of its resources. They go into the package, not into the repository. */
const MODULE = "istio.io/api@v1.31.1";
const DEFINITIONS = "kubernetes/customresourcedefinitions.gen.yaml";
const TARGET = "dist/istio-crds.json";

/** Writes the schemas for `meshwright validate` to dist/; resolves to an exit status. Does nothing when they are there. */
export async function istioCrds() {
  const file = join(ROOT, TARGET);
  if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).source === MODULE) return 0;
  try {
    const { Dir } = JSON.parse(execFileSync("go", ["mod", "download", "-json", MODULE], { encoding: "utf8", cwd: ROOT }));
    const { parseAllDocuments } = await import("yaml");
    const definitions = parseAllDocuments(readFileSync(join(Dir, DEFINITIONS), "utf8")).map(document => document.toJS());
    mkdirSync(join(ROOT, "dist"), { recursive: true });
    writeFileSync(file, JSON.stringify({ source: MODULE, kinds: definitions.filter(Boolean).flatMap(kindsOf) }));
    return 0;
  } catch (error) {
    const reason = error.code === "ENOENT" ? "there is no go" : `${error.stdout || error.message}`.trim();
    console.error(`task: no ${TARGET}: go mod download ${MODULE} is needed once, and ${reason}; install Go, or see to its network`);
    return 1;
  }
}

function kindsOf({ spec }) {
  return spec.versions.map(({ name, schema }) => ({
    apiVersion: `${spec.group}/${name}`,
    kind: spec.names.kind,
    schema: withoutTexts(schema.openAPIV3Schema),
  }));
}

/** Descriptions are most of the size, and nobody reads them here. A property may have that name. */
function withoutTexts(value, isNames = false) {
  if (Array.isArray(value)) return value.map(each => withoutTexts(each));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => isNames || key !== "description");
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutTexts(each, !isNames && key === "properties")]));
}
