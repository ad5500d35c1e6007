import { Agent } from "node:http";
import { describe, expect, it } from "vitest";
import type { FilterSpec } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { createHost } from "../host/index.ts";
import { describeHosts, type ProxyHost } from "../matrix.ts";

type Settings = Record<string, unknown>;
type Headers = [name: string, value: string][];
const USER = { name: "user.id", header: "x-user-id" };
const WASM = "build/span-attributes.wasm";
const filter = (config: Settings): FilterSpec => ({ name: "span-attributes", wasm: WASM, config });

/** Starts a host with the filter; answers a function that sends a request and gives what these keys of filter state hold. */
async function start(host: ProxyHost, config: Settings, keys: string[]) {
  const json = Object.fromEntries(keys.map(key => [key, `%FILTER_STATE(wasm.${key}:PLAIN)%`]));
  const proxy = await host.start({ listeners: [{ name: "in", filters: [filter(config)], accessLog: { json } }] });
  let logged = 0;
  return async (headers: Headers = []) => {
    await proxy.request("in", { headers });
    return (await proxy.waitForAccessLog(++logged, "in"))[logged - 1];
  };
}

describeHosts("span-attributes at less cost", {}, host => {
  it("writes filter state under the prefix that it is told, and none", async () => {
    for (const prefix of ["", "a."]) {
      const send = await start(host, { attributes: [USER], state_prefix: prefix }, [`${prefix}user.id`, "span.attributes.user.id"]);
      expect(await send([["x-user-id", "u42"]])).toEqual({ [`${prefix}user.id`]: "u42", "span.attributes.user.id": null });
    }
  });

  it("has constants of the connection on every request, beside the request's own", async () => {
    const config = { custom_attributes: { "app.version": "v1" }, attributes: [USER], constants: "connection" };
    const send = await start(host, config, ["span.attributes.user.id", "span.attributes.app.version"]);
    for (const user of ["u1", "u2"]) {
      expect(await send([["x-user-id", user]])).toEqual({ "span.attributes.user.id": user, "span.attributes.app.version": "v1" });
    }
  });

  it("with when sampled sets nothing for a request that the tracer does not sample, and removes what a client claims", async () => {
    const config = { attributes: [USER], when: "sampled", to: ["filter_state", "request_header"] };
    const send = await start(host, config, ["span.attributes.user.id"]);
    const entry = async (id: string, more: Headers = []) =>
      (await send([["x-user-id", "u42"], ["x-request-id", id], ...more]))?.["span.attributes.user.id"];
    expect(await entry(requestId("9"))).toBe("u42");
    expect(await entry(requestId("4"))).toBeNull();
    expect(await entry(requestId("9"), [["traceparent", traceparent("00")]])).toBeNull();
    expect(await entry(requestId("9"), [["traceparent", "broken"]])).toBeNull();
  });

  it("refuses constants of the connection for sampled requests only, and a prefix that no format can name", async () => {
    const refused = (config: Settings) => expect(start(host, config, [])).rejects;
    await refused({ when: "sampled", constants: "connection" }).toThrow(/constants: expected "request" beside "when": "sampled"/);
    await refused({ state_prefix: "a:b" }).toThrow(/state_prefix: expected at most 64 letters, digits/);
    await refused({ when: "never" }).toThrow(/when: expected one of/);
  });
});

describe("constants of the connection, by hostcalls", () => {
  const config = { custom_attributes: { "app.version": "v1", "cluster.name": "edge" }, attributes: [USER], constants: "connection" };
  const asked = (id: bigint) => ({ headers: [["x-user-id", "u1"]] as Headers, connection: { id } });

  it("are set with the first request of each connection", () => {
    const host = createHost();
    host.plugin({ wasm: WASM, name: "span-attributes", config });
    const sets = [1n, 1n, 2n, 1n].map(id => {
      const before = host.trace.calls("proxy_set_property").length;
      const exchange = host.request(asked(id));
      expect(exchange.spanAttributes).toEqual({ "user.id": "u1", "app.version": "v1", "cluster.name": "edge" });
      return host.trace.calls("proxy_set_property").length - before;
    });
    // Two constants, a marker and the user; then the user alone.
    expect(sets).toEqual([4, 1, 4, 1]);
    host.close();
  });

  it("change with the configuration on a connection that goes on", () => {
    const host = createHost();
    const plugin = host.plugin({ wasm: WASM, name: "span-attributes", config });
    host.request(asked(1n));
    plugin.update({ config: { ...config, custom_attributes: { "app.version": "v2" } } });
    for (const version of ["v2", "v2"]) expect(host.request(asked(1n)).spanAttributes["app.version"]).toBe(version);
    host.close();
  });

  it("are set by each request where another filter had one of them first", () => {
    const host = createHost();
    const first = { custom_attributes: { "app.version": "other" }, attributes: [] };
    host.plugin({ wasm: WASM, name: "span-attributes", config: first, vmId: "other" });
    host.plugin({ wasm: WASM, name: "span-attributes", config });
    for (let i = 0; i < 3; i++)
      expect(host.request(asked(1n)).spanAttributes).toMatchObject({ "app.version": "v1", "cluster.name": "edge" });
    host.close();
  });
});

describeEnvoy("constants of the connection on a kept connection", {}, envoy => {
  it("stay with it, and each request has its own user", async () => {
    const config = { custom_attributes: { "app.version": "v1" }, attributes: [USER], constants: "connection" };
    const json = {
      user: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%",
      version: "%FILTER_STATE(wasm.span.attributes.app.version:PLAIN)%",
      connection: "%CONNECTION_ID%",
    };
    const proxy = await envoy.start({ config: { listeners: [{ name: "in", filters: [filter(config)], accessLog: { json } }] } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await proxy.request("in", { agent, headers: [["x-user-id", "u1"]] });
    await proxy.request("in", { agent });
    await proxy.request("in", { agent, headers: [["x-user-id", "u3"]] });
    agent.destroy();
    const logged = await proxy.waitForAccessLog(3, "in");
    expect(new Set(logged.map(({ connection }) => connection)).size).toBe(1);
    expect(logged.map(({ user, version }) => [user, version])).toEqual([
      ["u1", "v1"],
      [null, "v1"],
      ["u3", "v1"],
    ]);
  });
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const traceparent = (flags: string, trace = TRACE): string => `00-${trace}-b7ad6b7169203331-${flags}`;
const requestId = (decision: string): string => `a1b2c3d4-1111-${decision}222-8333-444455556666`;

/** What a request may bring that the tracer looks at; each under a path of its own. */
const BROUGHT: Readonly<Record<string, Headers>> = {
  nothing: [],
  sampled: [["traceparent", traceparent("01")]],
  "not-sampled": [["traceparent", traceparent("00")]],
  random: [["traceparent", traceparent("02")]],
  capitals: [["traceparent", traceparent("01", TRACE.toUpperCase())]],
  zero: [["traceparent", traceparent("01", "0".repeat(32))]],
  broken: [["traceparent", "broken"]],
  empty: [["traceparent", ""]],
  long: [["traceparent", `${traceparent("01")}-more`]],
  higher: [["traceparent", traceparent("01").replace(/^00/, "01")]],
  twice: [
    ["traceparent", traceparent("01")],
    ["traceparent", traceparent("00")],
  ],
  "twice-not": [
    ["traceparent", traceparent("00")],
    ["traceparent", traceparent("01")],
  ],
  "id-not": [["x-request-id", requestId("4")]],
  "id-sampled": [["x-request-id", requestId("9")]],
  "id-service": [["x-request-id", requestId("a")]],
  "id-client": [["x-request-id", requestId("b")]],
  "id-no-uuid": [["x-request-id", "mine"]],
  "id-no-uuid-sampled": [
    ["x-request-id", "mine"],
    ["traceparent", traceparent("01")],
  ],
  "id-against-parent": [
    ["x-request-id", requestId("9")],
    ["traceparent", traceparent("00")],
  ],
  forced: [["x-client-trace-id", "me"]],
  "forced-against-parent": [
    ["x-client-trace-id", "me"],
    ["traceparent", traceparent("00")],
  ],
};

/** The older ones decide alone by the parent; with a list of versions in the environment those are tested. */
const VERSIONS = (process.env.MESHWRIGHT_ENVOY_VERSIONS ?? "1.37.0 1.40.0")
  .split(/\s+/)
  .filter(version => version && !version.startsWith("1.36."));

/** By which attributes are set and tags are made. */
const TAG = "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%";

interface Outcome {
  readonly path: string;
  /** In the access log. */
  readonly set: unknown;
  readonly onSpan: unknown;
  readonly isExported: boolean;
}

/** What becomes of each request that brings one of these, at a listener with the filter and with Envoy's tracer. */
async function outcomes(envoy: EnvoySuite, filter: FilterSpec, randomSampling: number): Promise<Outcome[]> {
  const otlp = await envoy.receiver();
  const tracing = { otlp: otlp.url, randomSampling, customTags: { "user.id": TAG } };
  const accessLog = { json: { path: "%REQ(:path)%", user: TAG } };
  const proxy = await envoy.start({ config: { tracing, listeners: [{ name: "in", filters: [filter], accessLog }] } });
  const paths = Object.keys(BROUGHT);
  for (const [path, headers] of Object.entries(BROUGHT))
    await proxy.request("in", { path: `/${path}`, headers: [["x-user-id", path], ...headers] });
  await proxy.request("in", { path: "/last", headers: [["x-request-id", requestId("9")]] });
  const logged = await proxy.waitForAccessLog(paths.length + 1, "in");
  await expect.poll(() => otlp.spans().map(pathOf)).toContain("/last");
  await expect.poll(() => otlp.spans().length).toBe(await proxy.stat("tracing.opentelemetry.spans_sent"));
  const exported = new Map(otlp.spans().map(span => [pathOf(span), span.attributes["user.id"]]));
  return paths.map(path => ({
    path,
    set: logged.find(each => each.path === `/${path}`)?.user,
    onSpan: exported.get(`/${path}`),
    isExported: exported.has(`/${path}`),
  }));
}

/** The filters that set attributes of spans, each with these settings. */
const MODULES = ["span-attributes", "mesh-telemetry"] as const;
const configOf = (module: string, settings: Settings): Settings => (module === "mesh-telemetry" ? { span_attributes: settings } : settings);

for (const module of MODULES) {
  describeEnvoy(`${module}, when sampled, beside Envoy's tracer`, { versions: VERSIONS }, envoy => {
    it.each([0, 50, 100])(
      "sets attributes exactly for the requests whose span is exported, at a random sampling of %i",
      async randomSampling => {
        const config = configOf(module, { attributes: [USER], when: "sampled" });
        for (const each of await outcomes(envoy, { name: module, wasm: `build/${module}.wasm`, config }, randomSampling)) {
          const { path, isExported } = each;
          expect(each).toEqual({ path, isExported, set: isExported ? path : null, onSpan: isExported ? path : undefined });
        }
      },
    );
  });
}

/** Of these Envoy's matcher cannot tell for sure how the tracer takes them: the filter runs, and the access log has what it sets. */
const UNCLEAR = new Set(["zero", "broken", "empty", "long", "higher", "twice", "twice-not"]);

for (const module of MODULES) {
  describeEnvoy(`${module}, skipped by Envoy when not sampled, beside Envoy's tracer`, { versions: VERSIONS }, envoy => {
    it.each([0, 50, 100])(
      "sets attributes for the requests whose span is exported, and for no others that can be told, at a random sampling of %i",
      async randomSampling => {
        const config = configOf(module, { attributes: [USER] });
        const filter = { name: module, wasm: `build/${module}.wasm`, config, skipUnsampled: envoy.version };
        for (const each of await outcomes(envoy, filter, randomSampling)) {
          const { path, isExported, set } = each;
          const expected = isExported || (UNCLEAR.has(path) && set !== null) ? path : null;
          expect(each).toEqual({ path, isExported, set: expected, onSpan: isExported ? path : undefined });
        }
      },
    );
  });
}

function pathOf({ attributes }: { readonly attributes: Readonly<Record<string, unknown>> }): string {
  return new URL(String(attributes["http.url"])).pathname;
}
