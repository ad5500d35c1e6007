import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { bin, ROOT } from "./run.mjs";

/** What goes to dist/, by output name. Each is one file; dependencies stay outside of it. */
const ENTRIES = {
  index: "scripts/index.ts",
  cli: "scripts/cli.ts",
  transform: "scripts/build/transform.ts",
  "other-compiler": "scripts/build/other-compiler-worker.ts",
  testing: "host-tests/envoy/index.ts",
  host: "host-tests/host/index.ts",
  vitest: "host-tests/vitest/index.ts",
  "vitest-config": "host-tests/vitest/config.ts",
  w3c: "host-tests/w3c/run.ts",
  reload: "host-tests/reload/run.ts",
  demo: "examples/mesh/demo.ts",
  docs: "scripts/docs/write.ts",
  manifests: "scripts/manifest-set/write.ts",
};

/** Bundles our TypeScript, so that it runs on every supported Node and in an installed package. */
export async function bundle() {
  const { build } = await import("esbuild");
  const entryPoints = Object.fromEntries(Object.entries(ENTRIES).filter(([, source]) => existsSync(join(ROOT, source))));
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: "dist",
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    format: "esm",
    target: "node20.19",
    packages: "external",
    sourcemap: true,
    metafile: true,
    logLevel: "warning",
  });
  const browser = await build({
    absWorkingDir: ROOT,
    entryPoints: { look: "scripts/look/client/main.ts" },
    outdir: "dist",
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    // The page serves it from its own package.
    external: ["uplot"],
    metafile: true,
    logLevel: "warning",
  });
  await removeStale(new Set([metafile, browser.metafile].flatMap(({ outputs }) => Object.keys(outputs))));
}

/** What other tasks write to dist/. */
const OTHERS = /^dist\/(types\/|istio-crds\.json$)/;

/** Chunks of earlier bundles go one by one: a command that is running keeps its files until the new ones are there. */
async function removeStale(written) {
  for (const entry of await readdir(join(ROOT, "dist"), { recursive: true, withFileTypes: true })) {
    const path = relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
    if (entry.isFile() && !OTHERS.test(path) && !written.has(path)) await rm(join(ROOT, path));
  }
}

/** Writes the declarations of what the package exports to dist/types; resolves to an exit status. */
export function declarations() {
  return bin("typescript/bin/tsc", ["-p", "tsconfig.types.json"]);
}
