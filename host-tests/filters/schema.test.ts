import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, it } from "vitest";
import { readIdentity } from "../../scripts/build/index.ts";
import type { RunningEnvoy, WasmFilterSpec } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";

const USER = { name: "user.id", header: "x-user-id" };
/** An item of `attributes` that is wrong in one thing only. */
const item = (more: object): object => ({ attributes: [{ ...USER, ...more }] });
const source = (more: object): object => ({ attributes: [{ name: "a", ...more }] });
const LONG = "x".repeat(128);

/** Configurations beside those in the README of each filter. */
const GOOD: Record<string, unknown[]> = {
  "span-attributes": [
    {},
    { attributes: [] },
    { custom_attributes: {} },
    { custom_attributes: { a: "x", "B_c-d.9": 1.5e3, e: true, [LONG]: "x" } },
    { attributes: [USER, { ...USER, default: "" }] },
    source({ header: ":path" }),
    source({ header: "X-Any!#$%&'*+-.^_`|~9" }),
    source({ env: "A B" }),
    source({ node: "LABELS.app.kubernetes.io/name" }),
    source({ value: " " }),
    { to: ["baggage", "request_header", "baggage"] },
    { request_header_prefix: "" },
    { max_length: 1 },
    { max_length: 4096.0 },
    { when: "sampled", constants: "request" },
    { when: "always", constants: "connection" },
    { state_prefix: "" },
    { state_prefix: "a-B_9.".padEnd(64, "x") },
  ],
  "trace-context": [
    {},
    { parent_id: "auto" },
    { expose: [] },
    { expose: ["sampled", "sampled"], trust: "none", parent_id: "keep" },
    { behind_tracer: true },
    { behind_tracer: true, parent_id: "keep", trust: "all", expose: [] },
    { behind_tracer: false, parent_id: "renew", expose: ["span_id"] },
    { export: { cluster: "otel" } },
    { parent_id: "renew", export: { cluster: "otel", protocol: "grpc", kind: "client", batch: {}, resource: {}, sampling: {} } },
    {
      export: {
        cluster: "o",
        sampling: { ratio: 0, always: ["error", "slow>0ms", "slow>9999999ms"] },
        span_attributes: { attributes: [] },
      },
    },
    {
      export: { cluster: "o", batch: { max_spans: 8192, interval_ms: 10, max_queue: 65_536 }, path: "/", timeout_ms: 1, service_name: "" },
    },
  ],
  "mesh-telemetry": [{}, { span_attributes: {} }, { trace_context: { parent_id: "renew" } }],
  "tenant-metrics": [
    {},
    { prefix: "a1_B" },
    { labels: [] },
    { metrics: [] },
    { metrics: ["response_bytes", "duration_ms", "response_bytes"] },
    { labels: [{ name: "a", header: ":path", default: "" }] },
    { labels: [{ name: "a", node: "LABELS.app" }] },
    { labels: Array.from({ length: 16 }, (_, i) => ({ name: `l${i}_`, value: "x" })), max_label_length: 256, max_series: 1 },
  ],
  "traffic-split": [
    { variants: [{ name: "a" }] },
    { variants: [{ name: "a.B_9-", weight: 1_000_000, attributes: { "x.y": "z" } }], rules: [], sticky: [], experiment: "e" },
    {
      variants: [{ name: "a" }],
      rules: [{ cookie: "c", prefix: "x", variant: "a" }, { query: "q", equals: "", variant: "a" }, { header: "h" }],
    },
    { variants: [{ name: "a" }], cookie: { name: "c", same_site: "None" } },
    { variants: [{ name: "a" }], cookie: { name: "c", same_site: "Strict", secure: false, path: "/a", max_age_s: 1 } },
    { variants: [{ name: "a" }], fault: { tokens_sha256: ["aB".repeat(32)], header: "x-a", token_header: "x-b", max_delay_ms: 600_000 } },
  ],
  "request-auth": [
    { decision: { cluster: "a" } },
    { api_keys: { keys: [] } },
    { api_keys: { keys: [{ sha256: "aB".repeat(32), user: "ü", tenant: "" }], header: "x-k", forward: true } },
    {
      decision: {
        cluster: "a",
        path: "/x",
        timeout_ms: 60_000,
        headers: ["X-A"],
        per: "token",
        cache: { ttl_ms: 0, max_entries: 1 },
        on_error: "allow",
      },
    },
    { decision: { cluster: "a" }, identity: { user_header: "x-u", tenant_header: "x-t" }, realm: "", body: "text" },
    { decision: { cluster: "a" }, public_paths: ["/", "/*", "/a", "/a/", "/a/*", "/a/b.c/d-e_f~g"] },
  ],
};

const BAD: Record<string, unknown[]> = {
  "span-attributes": [
    [],
    null,
    "text",
    { attribute: [] },
    { custom_attributes: [] },
    { custom_attributes: { "a b": "x" } },
    { custom_attributes: { [`${LONG}x`]: "x" } },
    { custom_attributes: { a: "" } },
    { custom_attributes: { a: null } },
    { custom_attributes: { a: ["x"] } },
    { attributes: null },
    { attributes: USER },
    { attributes: ["user.id"] },
    item({ env: "X" }),
    item({ headers: [] }),
    item({ name: "" }),
    item({ name: `${LONG}x` }),
    item({ name: "naïve" }),
    item({ name: 7 }),
    item({ default: 1 }),
    item({ default: null }),
    { attributes: [{ header: "x" }] },
    source({}),
    source({ header: "" }),
    source({ header: "a b" }),
    source({ header: "a:" }),
    source({ header: null }),
    source({ env: "" }),
    source({ node: 1 }),
    source({ value: "" }),
    source({ value: true }),
    source({ default: "x" }),
    { to: [] },
    { to: "filter_state" },
    { to: ["span"] },
    { to: [null] },
    { request_header_prefix: "x span" },
    { request_header_prefix: 1 },
    { max_length: 0 },
    { max_length: 4097 },
    { max_length: 1.5 },
    { max_length: "256" },
    { when: "never" },
    { when: null },
    { constants: "stream" },
    { when: "sampled", constants: "connection" },
    { state_prefix: "a:" },
    { state_prefix: "x".repeat(65) },
    { state_prefix: 1 },
  ],
  "trace-context": [
    [],
    { parent: "renew" },
    { parent_id: "new" },
    { parent_id: null },
    { trust: true },
    { trust: "ALL" },
    { expose: "trace_id" },
    { expose: ["flags"] },
    { expose: [1] },
    { behind_tracer: "yes" },
    { behind_tracer: true, parent_id: "renew" },
    { behind_tracer: true, trust: "none" },
    { behind_tracer: true, expose: ["trace_id"] },
    { behind_tracer: true, export: { cluster: "otel" } },
    { export: {} },
    { export: null },
    { export: { cluster: 1 } },
    { export: { cluster: "o", endpoint: "http://o" } },
    { export: { cluster: "o", protocol: "zipkin" } },
    { export: { cluster: "o", path: "v1/traces" } },
    { export: { cluster: "o", kind: "internal" } },
    { export: { cluster: "o", batch: { max_spans: 0 } } },
    { export: { cluster: "o", batch: { interval_ms: 5 } } },
    { export: { cluster: "o", resource: { a: 1 } } },
    { export: { cluster: "o", resource: [] } },
    { export: { cluster: "o", sampling: { ratio: 1.01 } } },
    { export: { cluster: "o", sampling: { ratio: "1" } } },
    { export: { cluster: "o", sampling: { always: ["slow>1s"] } } },
    { export: { cluster: "o", sampling: { always: [1] } } },
    { export: { cluster: "o", span_attributes: { to: ["filter_state"] } } },
  ],
  "mesh-telemetry": [
    [],
    { attributes: [] },
    { span_attributes: null },
    { span_attributes: { max_length: 0 } },
    { span_attributes: { parent_id: "keep" } },
    { trace_context: [] },
    { trace_context: { trust: "some" } },
    { trace_context: { export: { cluster: "otel" } } },
    { trace_context: { behind_tracer: true } },
  ],
  "tenant-metrics": [
    [],
    { prefix: "1a" },
    { prefix: "" },
    { prefix: "a-b" },
    { label: [] },
    { labels: {} },
    { labels: ["tenant"] },
    { labels: [{ name: "a" }] },
    { labels: [{ name: "", header: "x" }] },
    { labels: [{ name: "a.b", header: "x" }] },
    { labels: [{ name: "a", header: "x", env: "y" }] },
    { labels: [{ name: "a", header: "x y" }] },
    { labels: [{ name: "a", response_header: "" }] },
    { labels: [{ name: "a", response: "status" }] },
    { labels: [{ name: "a", state: "" }] },
    { labels: [{ name: "a", value: "x", default: 1 }] },
    { labels: Array.from({ length: 17 }, (_, i) => ({ name: `l${i}_`, value: "x" })) },
    { metrics: ["requests"] },
    { metrics: "duration_ms" },
    { max_series: 0 },
    { max_series: 100_001 },
    { max_label_length: 257 },
  ],
  "traffic-split": [
    [],
    {},
    { variants: [] },
    { variants: {} },
    { variants: ["a"] },
    { variants: [{ weight: 1 }] },
    { variants: [{ name: "a b" }] },
    { variants: [{ name: "a", weight: -1 }] },
    { variants: [{ name: "a", weight: 0.5 }] },
    { variants: [{ name: "a", attributes: { x: 1 } }] },
    { variants: [{ name: "a", attributes: { "x y": "z" } }] },
    { variants: Array.from({ length: 33 }, (_, i) => ({ name: `v${i}` })) },
    { variants: [{ name: "a" }], experiment: "" },
    { variants: [{ name: "a" }], route_header: "a b" },
    { variants: [{ name: "a" }], rules: [{ variant: "a" }] },
    { variants: [{ name: "a" }], rules: [{ header: "x", cookie: "y", variant: "a" }] },
    { variants: [{ name: "a" }], rules: [{ header: "x", equals: "y" }] },
    { variants: [{ name: "a" }], rules: [{ header: "x", equals: "y", prefix: "z", variant: "a" }] },
    { variants: [{ name: "a" }], rules: [{ header: "x", prefix: "", variant: "a" }] },
    { variants: [{ name: "a" }], sticky: ["x-user-id"] },
    { variants: [{ name: "a" }], sticky: [{}] },
    { variants: [{ name: "a" }], cookie: {} },
    { variants: [{ name: "a" }], cookie: { name: "c", path: "a" } },
    { variants: [{ name: "a" }], cookie: { name: "c", path: "/a;b" } },
    { variants: [{ name: "a" }], cookie: { name: "c", max_age_s: 0 } },
    { variants: [{ name: "a" }], cookie: { name: "c", same_site: "None", secure: false } },
    { variants: [{ name: "a" }], fault: {} },
    { variants: [{ name: "a" }], fault: { tokens_sha256: [] } },
    { variants: [{ name: "a" }], fault: { tokens_sha256: ["x"] } },
    { variants: [{ name: "a" }], fault: { tokens_sha256: ["0".repeat(64)], max_delay_ms: 0 } },
  ],
  "request-auth": [
    [],
    {},
    { api_keys: {} },
    { api_keys: { keys: {} } },
    { api_keys: { keys: ["0".repeat(64)] } },
    { api_keys: { keys: [{ sha256: "0".repeat(63) }] } },
    { api_keys: { keys: [{ user: "u" }] } },
    { api_keys: { keys: [{ sha256: "0".repeat(64), user: "a\nb" }] } },
    { api_keys: { keys: [{ sha256: "0".repeat(64), user: "u".repeat(257) }] } },
    { api_keys: { keys: [], header: "x key" } },
    { api_keys: { keys: [], forward: "no" } },
    { decision: {} },
    { decision: { cluster: "a", path: "x" } },
    { decision: { cluster: "a", timeout_ms: 0 } },
    { decision: { cluster: "a", headers: [":path"] } },
    { decision: { cluster: "a", headers: "x" } },
    { decision: { cluster: "a", per: "user" } },
    { decision: { cluster: "a", cache: { ttl_ms: -1 } } },
    { decision: { cluster: "a", cache: { max_entries: 0 } } },
    { decision: { cluster: "a", on_error: "pass" } },
    { decision: { cluster: "a" }, identity: { user: "x" } },
    { decision: { cluster: "a" }, public_paths: "/a" },
    { decision: { cluster: "a" }, public_paths: ["a"] },
    { decision: { cluster: "a" }, public_paths: ["/a*"] },
    { decision: { cluster: "a" }, public_paths: ["//"] },
    { decision: { cluster: "a" }, public_paths: ["/a/.b"] },
    { decision: { cluster: "a" }, public_paths: ["/a%20b"] },
    { decision: { cluster: "a" }, public_paths: ["/a;b"] },
    { decision: { cluster: "a" }, body: "xml" },
    { decision: { cluster: "a" }, realm: 'a"b' },
  ],
};

describeEnvoy("the schema and the module agree", {}, envoy => {
  describe.each(Object.keys(GOOD))("%s", name => {
    const wasm = `build/${name}.wasm`;
    const documented = documentedConfigurations(name);
    let proxy: RunningEnvoy;
    let validate: (config: unknown) => boolean;

    beforeAll(async () => {
      const schema = readIdentity(readFileSync(wasm))?.configSchema as object;
      // A oneOf lists alternatives of properties that are declared beside it.
      validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);
      // A string that is in none of the tables, so that every one of them is a change.
      proxy = await envoy.start({ config: { listeners: [{ name: "in", filters: [filter(`\n${JSON.stringify(GOOD[name]?.[0])}`)] }] } });
    });

    function filter(config: unknown): WasmFilterSpec {
      return { name, wasm, config: typeof config === "string" ? config : JSON.stringify(config), discovered: true };
    }

    async function verdicts(config: unknown) {
      const { accepted } = await proxy.updateFilter(filter(JSON.stringify(config)));
      return { schema: validate(config), module: accepted };
    }

    it("has configurations in its README", () => {
      expect(documented.length).toBeGreaterThan(0);
    });

    it.each([...documented, ...(GOOD[name] ?? [])].map(config => [JSON.stringify(config).slice(0, 100), config]))(
      "accept %s",
      async (_, config) => {
        expect(await verdicts(config)).toEqual({ schema: true, module: true });
      },
    );

    it.each((BAD[name] ?? []).map(config => [JSON.stringify(config).slice(0, 100), config]))("refuse %s", async (_, config) => {
      expect(await verdicts(config)).toEqual({ schema: false, module: false });
    });
  });
});

/** The JSON blocks of a filter's README; each is a whole configuration. */
function documentedConfigurations(name: string): unknown[] {
  const text = readFileSync(`assembly/filters/${name}/README.md`, "utf8");
  return [...text.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(match => JSON.parse(match[1] ?? ""));
}
