import { basename } from "node:path";
import { asObject, asText, at, isOfType, type Json } from "./json.ts";
import type { HttpFilter } from "./proxy.ts";

export const OWN_FILTERS = [
  "span-attributes",
  "trace-context",
  "mesh-telemetry",
  "tenant-metrics",
  "request-auth",
  "traffic-split",
] as const;

/** A Wasm filter's plugin. */
export interface WasmPlugin {
  readonly filter: HttpFilter;
  /** The filter of the pack that it is; null for anybody's. */
  readonly own: (typeof OWN_FILTERS)[number] | null;
  readonly name: string;
  readonly rootId: string;
  readonly policy: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD";
  /** File or URL. */
  readonly code: string;
  readonly isRemote: boolean;
  /** As JSON; undefined where there is none. */
  readonly config: unknown;
}

/** null: the filter is no Wasm filter, or its configuration has not come. */
export function wasmPlugin(filter: HttpFilter): WasmPlugin | null {
  if (!isOfType(filter.config, "Wasm")) return null;
  const plugin = at(filter.config, "config");
  const { local, remote } = at(plugin, "vm_config", "code");
  const code = asText(asObject(local).filename) || asText(at(remote, "http_uri").uri);
  const rootId = asText(plugin.root_id);
  const own = [rootId, asText(plugin.name), filter.name, basename(code, ".wasm")].flatMap(name =>
    OWN_FILTERS.filter(each => each === name),
  );
  return {
    filter,
    own: own[0] ?? null,
    name: asText(plugin.name) || filter.name,
    rootId,
    policy: policyOf(plugin),
    code,
    isRemote: remote !== undefined,
    config: readConfiguration(asObject(plugin.configuration)),
  };
}

function policyOf({ failure_policy, fail_open }: Json): WasmPlugin["policy"] {
  if (failure_policy === "FAIL_OPEN" || failure_policy === "FAIL_RELOAD") return failure_policy;
  return fail_open === true ? "FAIL_OPEN" : "FAIL_CLOSED";
}

function readConfiguration(configuration: Json): unknown {
  const { value } = configuration;
  if (isOfType(configuration, "Struct")) return value ?? configuration;
  const text = isOfType(configuration, "BytesValue") ? Buffer.from(asText(value), "base64").toString() : asText(value);
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Settings of the trace-context in a plugin: its own, or the part of mesh-telemetry's; null for other filters. */
export function traceSettings({ own, config }: WasmPlugin): Json | null {
  if (own === "trace-context") return asObject(config);
  return own === "mesh-telemetry" ? at(config, "trace_context") : null;
}

/** Settings of the span attributes in a plugin. */
export function attributeSettings({ own, config }: WasmPlugin): Json | null {
  if (own === "span-attributes") return asObject(config);
  return own === "mesh-telemetry" ? at(config, "span_attributes") : null;
}
