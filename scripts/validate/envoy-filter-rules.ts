import type { Finding } from "./finding.ts";
import { asList, asObject, isObject, type Json, walk } from "./json-value.ts";
import { checkWasmBlock, type WasmBlock, wasmBlocks } from "./wasm-block.ts";

const RELATIVE = ["INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST", "REPLACE"];

/** What an EnvoyFilter says of Wasm, and the traps of its patches. */
export function checkEnvoyFilter(spec: Json, envoyVersion: string | null): Finding[] {
  const patches = asList(spec.configPatches);
  const isRelative = patches.some(each => RELATIVE.includes(String(asObject(asObject(each).patch).operation)));
  const hint = "without it the order of several EnvoyFilters is that of their creation (IST0151)";
  const order: Finding[] =
    isRelative && spec.priority === undefined ? [{ keys: ["spec"], expected: "a priority", found: "none", hint, isWarning: true }] : [];
  const blocks = envoyFilterBlocks(spec).flatMap(({ block, isPulled }) => checkWasmBlock(block, { isPulled, envoyVersion }));
  return [...order, ...blocks, ...undiscovered(patches)];
}

export function envoyFilterBlocks(spec: Json): { block: WasmBlock; isPulled: boolean }[] {
  return asList(spec.configPatches).flatMap((each, index) => {
    const isPulled = asObject(each).applyTo === "EXTENSION_CONFIG";
    const blocks = wasmBlocks(asObject(asObject(each).patch).value, ["spec", "configPatches", index, "patch", "value"]);
    return blocks.map(block => ({ block, isPulled }));
  });
}

/** An extension that no filter asks for is never sent to a proxy. */
function undiscovered(patches: readonly unknown[]): Finding[] {
  const patchedValue = (each: unknown): Json => asObject(asObject(asObject(each).patch).value);
  // A listener's filters, and those within a cluster's options.
  const asked = patches.flatMap(each => [...walk(patchedValue(each))].map(({ value }) => value)).filter(isObject);
  const names = new Set(asked.filter(value => "config_discovery" in value || "configDiscovery" in value).map(({ name }) => name));
  return patches.flatMap((each, index): Finding[] => {
    const { name } = patchedValue(each);
    if (asObject(each).applyTo !== "EXTENSION_CONFIG" || names.has(name)) return [];
    const expected = `a patch of HTTP_FILTER or CLUSTER with config_discovery for ${JSON.stringify(name)}`;
    return [
      { keys: ["spec", "configPatches", index], expected, found: "none here", hint: "the proxies ask for nothing else", isWarning: true },
    ];
  });
}
