import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { node, ROOT, run } from "./run.mjs";

/** Runs `npm ci` when node_modules is missing or not what the lock file says; resolves to an exit status. */
export async function ensureInstalled() {
  const reason = whatIsMissing();
  if (!reason) return 0;
  console.log(`task: ${reason}; running npm ci`);
  const args = ["ci", "--no-audit", "--no-fund"];
  const status = process.env.npm_execpath ? await node(process.env.npm_execpath, args) : await run("npm", args);
  if (status !== 0) console.error("task: npm ci failed, see above; nothing else can run before it succeeds");
  return status;
}

/** The first difference between the lock file and what is there, or null. */
function whatIsMissing() {
  const installed = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return "node_modules is missing";
  const wanted = packagesOf(join(ROOT, "package-lock.json"));
  const found = packagesOf(installed);
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/")) continue;
    // A package for another platform is in the lock file and not here.
    if (optional && !existsSync(join(ROOT, path))) continue;
    if (!existsSync(join(ROOT, path, "package.json"))) return `${path} is missing`;
    if (!link && found[path]?.version !== version) return `${path} is not version ${version}`;
  }
  return null;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}
