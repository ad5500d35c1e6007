import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./fixtures.ts";

/**
 * Which way imports go: a folder, and what it may import besides itself. A file belongs to the longest folder that holds it.
 * Names without a slash at the end are packages; `node:` is all of Node, and below host-tests vitest may be used everywhere.
 */
const DIRECTIONS: Readonly<Record<string, readonly string[]>> = {
  "assembly/": ["assembly/sdk/", "assembly/std/"],
  "assembly/abi/": [],
  "assembly/std/": [],
  "assembly/sdk/": ["assembly/abi/", "assembly/std/"],
  "assembly/compat/": ["assembly/abi/", "assembly/sdk/", "assembly/std/"],
  "assembly/filters/span-attributes/": ["assembly/sdk/", "assembly/std/"],
  // Its export puts the same attributes on the spans, read from the same settings.
  "assembly/filters/trace-context/": ["assembly/sdk/", "assembly/std/", "assembly/filters/span-attributes/"],
  // Does the work of the other two in one pass.
  "assembly/filters/mesh-telemetry/": [
    "assembly/sdk/",
    "assembly/std/",
    "assembly/filters/span-attributes/",
    "assembly/filters/trace-context/",
  ],

  "scripts/": ["scripts/abi/", "scripts/build/", "scripts/commands/", "commander", "node:"],
  "scripts/abi/": [],
  "scripts/build/": ["scripts/abi/", "scripts/leftovers/", "assemblyscript", "binaryen", "@jridgewell/trace-mapping", "node:"],
  "scripts/commands/": [
    "scripts/abi/",
    "scripts/bench/",
    "scripts/build/",
    "scripts/dev/",
    "scripts/doctor/",
    "scripts/envoy/",
    "scripts/follow/",
    "scripts/init/",
    "scripts/manifests/",
    "scripts/oci/",
    "scripts/run/",
    "scripts/symbolize/",
    "scripts/validate/",
    "commander",
    "node:",
  ],
  "scripts/dev/": ["scripts/page/", "scripts/run/", "node:"],
  "scripts/doctor/": ["scripts/envoy/", "scripts/envoy-config/", "scripts/manifests/", "scripts/validate/", "yaml", "node:"],
  "scripts/envoy/": ["scripts/leftovers/", "node:"],
  "scripts/envoy-config/": ["scripts/envoy/", "yaml", "node:"],
  "scripts/follow/": ["scripts/otlp/", "node:"],
  "scripts/init/": ["scripts/build/", "node:"],
  // Projects of users.
  "scripts/init/templates/": ["meshwright", "vitest"],
  "scripts/leftovers/": ["node:"],
  "scripts/look/": ["scripts/otlp/", "scripts/page/", "node:"],
  // For the browser: only types of the other side.
  "scripts/look/client/": ["scripts/look/", "uplot"],
  "scripts/page/": ["node:"],
  "scripts/manifests/": ["scripts/envoy/", "scripts/envoy-config/", "ajv", "yaml"],
  "scripts/validate/": [
    "scripts/abi/",
    "scripts/build/",
    "scripts/envoy/",
    "scripts/manifests/",
    "@marcbachmann/cel-js",
    "ajv",
    "yaml",
    "node:",
  ],
  "scripts/manifest-set/": ["scripts/abi/", "scripts/manifests/", "yaml", "node:"],
  "scripts/oci/": ["node:"],
  "scripts/otlp/": ["protobufjs", "node:"],
  "scripts/run/": [
    "scripts/abi/",
    "scripts/build/",
    "scripts/envoy/",
    "scripts/envoy-config/",
    "scripts/leftovers/",
    "scripts/otlp/",
    "scripts/symbolize/",
    "yaml",
    "node:",
  ],
  "scripts/symbolize/": ["scripts/abi/", "@jridgewell/trace-mapping", "node:"],
  "scripts/docs/": ["typescript", "node:"],
  // Counts hostcalls on the emulator.
  "scripts/bench/": [
    "scripts/abi/",
    "scripts/build/",
    "scripts/envoy/",
    "scripts/envoy-config/",
    "scripts/leftovers/",
    "host-tests/host/",
    "node:",
  ],

  "host-tests/build/": [
    "scripts/abi/",
    "scripts/build/",
    "scripts/docs/",
    "scripts/init/",
    "@jridgewell/trace-mapping",
    "assemblyscript",
    "binaryen",
    "node:",
  ],
  "host-tests/build/fixtures/assembly/": ["assembly/sdk/"],
  "host-tests/build/fixtures/project/": ["meshwright"],
  "host-tests/envoy/": [
    "scripts/envoy/",
    "scripts/envoy-config/",
    "scripts/leftovers/",
    "scripts/look/",
    "scripts/otlp/",
    "scripts/run/",
    "testcontainers",
    "node:",
  ],
  "host-tests/collector/": ["host-tests/", "scripts/", "yaml", "node:"],
  "host-tests/doctor/": ["host-tests/", "scripts/", "yaml", "node:"],
  "host-tests/filters/": ["host-tests/", "scripts/", "ajv", "yaml", "node:"],
  "host-tests/istio/": ["host-tests/", "scripts/", "yaml", "node:"],
  "host-tests/manifests/": ["host-tests/", "scripts/", "yaml", "node:"],
  "host-tests/mesh/": ["host-tests/", "scripts/", "playwright-core", "node:"],
  "host-tests/oci/": ["scripts/oci/", "node:"],
  "host-tests/pipeline/": ["host-tests/", "scripts/", "yaml", "node:"],
  // The emulator, which users get.
  "host-tests/host/": ["scripts/abi/", "scripts/symbolize/", "node:"],
  "host-tests/conformance/assembly/": ["assembly/abi/"],
  "host-tests/fuzz/": ["host-tests/host/", "scripts/build/", "fast-check", "node:"],
  "host-tests/fuzz/assembly/": ["assembly/"],
  "host-tests/compat/": ["host-tests/", "scripts/", "fast-check", "node:"],
  "host-tests/compat/filters/": [
    "@gcoredev/proxy-wasm-sdk-as",
    "@higress/proxy-wasm-assemblyscript-sdk",
    "@kong/proxy-wasm-sdk",
    "@solo-io/proxy-runtime",
  ],
  "host-tests/other-sdks/": ["host-tests/", "node:"],
  "host-tests/other-sdks/gcore/": ["@gcoredev/proxy-wasm-sdk-as"],
  "host-tests/other-sdks/solo/": ["@solo-io/proxy-runtime"],
  "host-tests/reload/": ["host-tests/", "scripts/", "commander", "yaml", "node:"],
  "host-tests/reload/assembly/": ["assembly/"],
  "host-tests/scenarios/assembly/": ["assembly/"],
  "host-tests/sdk/assembly/": ["assembly/"],
  "host-tests/symbolize/assembly/": ["assembly/"],
  "host-tests/w3c/": ["host-tests/envoy/", "commander", "node:"],
  "host-tests/": ["host-tests/", "scripts/", "node:"],

  "bench/filters/": ["assembly/"],
  "bench/peers/as-raw/": [],
  "bench/peers/gcore/": ["@gcoredev/proxy-wasm-sdk-as"],
  "bench/peers/solo/": ["@solo-io/proxy-runtime"],

  // start.ts is what the tests of several share.
  "examples/": ["meshwright", "ora", "vitest", "node:"],
};

describe("imports", () => {
  it.each(["assembly", "bench", "scripts", "host-tests", "examples"])("in %s go the way of the table", top => {
    const wrong = sourcesIn(top).flatMap(file => importsOf(file).flatMap(specifier => violation(file, specifier)));
    expect(wrong).toEqual([]);
  });

  it("names no folder that does not exist", () => {
    expect(Object.keys(DIRECTIONS).filter(folder => !existsSync(join(ROOT, folder)))).toEqual([]);
  });
});

function violation(file: string, specifier: string): string[] {
  const folders = Object.keys(DIRECTIONS).filter(folder => file.startsWith(folder));
  const home = folders.sort((a, b) => b.length - a.length)[0] ?? "";
  const allowed = [...(DIRECTIONS[home] ?? []), ...(file.startsWith("host-tests/") || file.endsWith(".test.ts") ? ["vitest"] : [])];
  const target = specifier.startsWith(".") ? join(dirname(file), specifier) : specifier;
  const isAllowed = (each: string): boolean =>
    /[/:]$/.test(each) ? target.startsWith(each) : target === each || target.startsWith(`${each}/`);
  if (specifier.startsWith(".") && inSameFolder(target, home)) return [];
  return allowed.some(isAllowed) ? [] : [`${file} imports ${specifier}: ${home} may import ${allowed.join(", ") || "nothing"}`];
}

/** Below the home folder, and not in a folder that has rules of its own. */
function inSameFolder(target: string, home: string): boolean {
  return target.startsWith(home) && !Object.keys(DIRECTIONS).some(folder => folder.length > home.length && target.startsWith(folder));
}

/** TypeScript files below `folder`, as paths from the repository's folder. */
function sourcesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(".ts"))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(file => !file.includes("node_modules"));
}

/** What a file imports or re-exports, static or not. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const statements = text.matchAll(/^(?:import|export|\})(?:[^"';]*\bfrom)?\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm);
  return [...statements].map(match => match[1] ?? match[2] ?? "");
}
