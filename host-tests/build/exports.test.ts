import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWasm } from "../../scripts/abi/index.ts";
import { buildInto, fixture, ROOT, temporaryFolder } from "./fixtures.ts";

/** In every module: what Envoy needs to load it, to hand over bytes and the configuration. */
const ALWAYS = ["_initialize", "memory", "proxy_abi_version_0_2_1", "proxy_on_configure", "proxy_on_memory_allocate"];

/** What each filter of the pack exports beyond that. A callback costs 1,500 instructions per request, so this list is meant to stay short. */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  "mesh-telemetry": ["proxy_on_request_headers"],
  "span-attributes": ["proxy_on_request_headers"],
  "tenant-metrics": ["proxy_on_log"],
  "traffic-split": [
    "proxy_on_request_headers",
    "proxy_on_response_headers",
    // Delays.
    "proxy_on_tick",
  ],
  "request-auth": ["proxy_on_http_call_response", "proxy_on_request_headers"],
  // All but the first for its export.
  "trace-context": [
    "proxy_on_request_headers",
    "proxy_on_done",
    "proxy_on_grpc_close",
    "proxy_on_grpc_receive",
    "proxy_on_grpc_receive_initial_metadata",
    "proxy_on_grpc_receive_trailing_metadata",
    "proxy_on_http_call_response",
    "proxy_on_tick",
  ],
};

describe("exports of the filters", () => {
  it.each(Object.entries(FILTERS))("%s exports the callbacks that it overrides and no other", (name, callbacks) => {
    const module = readWasm(readFileSync(join(ROOT, "build", `${name}.wasm`)));
    expect(module.exports.map(entry => entry.name).sort()).toEqual([...ALWAYS, ...callbacks].sort());
  });
});

describe("exports follow what the user's code overrides", () => {
  const folder = temporaryFolder();

  it.each([
    ["headers-only", ["proxy_on_request_headers"]],
    ["inherited", ["proxy_on_log", "proxy_on_request_body"]],
    ["stateful", ["proxy_on_context_create", "proxy_on_delete", "proxy_on_response_headers"]],
    ["timers", ["proxy_on_tick"]],
    ["calls", ["proxy_on_http_call_response", "proxy_on_request_headers"]],
    ["own-exports", ["LIMIT", "answer", "proxy_on_request_headers"]],
  ])("%s", async (name, expected) => {
    const { meta } = await buildInto(folder, fixture(name));
    expect(meta.exports).toEqual([...ALWAYS, ...expected].sort());
  });
});
