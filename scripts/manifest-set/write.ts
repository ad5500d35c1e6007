import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readWasm } from "../abi/index.ts";
import { setFiles } from "./files.ts";
import { MADE, render } from "./set-file.ts";

const FOLDERS = ["istio", "envoy", "linkerd", "examples"];

/** Runs in the repository's folder. `--check` writes nothing, names what differs and fails. */
function main(args: readonly string[]): number {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const edges = (filter: string) => readWasm(readFileSync(join("build", `${filter}.wasm`)));
  const wanted = new Map(setFiles({ version, edges, text: path => readFileSync(path, "utf8") }).map(file => [file.path, render(file)]));
  const there = FOLDERS.filter(existsSync).flatMap(yamlFiles);
  const stale = there.filter(path => !wanted.has(path) && readFileSync(path, "utf8").includes(`# ${MADE}\n`));
  const changed = [...wanted].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  if (args.includes("--check")) {
    for (const path of stale)
      console.error(`manifests: ${path} is made by nothing in scripts/manifest-set any more; run npm run manifests`);
    for (const [path] of changed) console.error(`manifests: ${path} is not what scripts/manifest-set makes; run npm run manifests`);
    return stale.length + changed.length === 0 ? 0 : 1;
  }
  for (const path of stale) rmSync(path);
  for (const [path, text] of changed) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  console.log(`manifests: ${wanted.size} files, ${changed.length} written, ${stale.length} deleted`);
  return 0;
}

function yamlFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(each => each.isFile() && each.name.endsWith(".yaml") && !each.parentPath.includes("node_modules"))
    .map(({ parentPath, name }) => join(parentPath, name));
}

process.exitCode = main(process.argv.slice(2));
