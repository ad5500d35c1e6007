import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import { compareVersions } from "../../scripts/envoy/index.ts";
import type { ManifestRequest } from "../../scripts/manifests/index.ts";
import { envoyConfig, type Place } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { documents, request } from "./fixtures.ts";

const CONFIG = { custom_attributes: { "app.version": "v1.2.3" }, attributes: [{ name: "user.id", header: "x-user-id" }] };
const SHA256 = (filter: string): string => JSON.parse(readFileSync(`build/${filter}.meta.json`, "utf8")).sha256;

interface Blocks {
  http_filters: { name: string; typed_config: Record<string, unknown> }[];
  tracing?: Record<string, unknown>;
  access_log?: object[];
  clusters?: object[];
}

/** Starts Envoy with the blocks and nothing else but an upstream and a tracer. */
async function start(envoy: EnvoySuite, blocks: (place: Place) => Blocks) {
  const echo = await envoy.echo();
  const otlp = await envoy.receiver();
  const config = (place: Place): string => {
    const { http_filters, tracing, access_log, clusters = [] } = blocks(place);
    const filters = http_filters.map(({ name, typed_config }) => ({ name, typedConfig: typed_config }));
    const listener = { name: "in", filters, ...(access_log ? { hcm: { access_log } } : {}) };
    const own = { otlp: otlp.url, tracing: tracing ?? {} };
    const bootstrap = parse(envoyConfig({ clusters: [{ name: "echo", url: echo.url }], listeners: [listener], tracing: own }, place));
    bootstrap.static_resources.clusters.push(...clusters);
    return stringify(bootstrap, { version: "1.1" });
  };
  return { proxy: await envoy.start({ config }), otlp };
}

const local = (filter: string, place: Place) => ({ from: "file", path: place.file(`build/${filter}.wasm`) }) as const;

describeEnvoy("the manifests", {}, envoy => {
  const blocks = (filter: string, more: Partial<ManifestRequest> = {}) =>
    ((place: Place) =>
      documents("envoy", request(filter, { code: local(filter, place), envoyVersion: envoy.version, ...more }))[0]) satisfies (
      place: Place,
    ) => Blocks;

  it.each([
    ["span-attributes", CONFIG],
    ["mesh-telemetry", { span_attributes: CONFIG, trace_context: { parent_id: "renew" } }],
  ])(
    "for Envoy with %s put user.id on the span and in the access log, with no more than the allowed capabilities",
    async (filter, config) => {
      const { proxy, otlp } = await start(envoy, blocks(filter, { config }));
      await proxy.request({ headers: [["x-user-id", "u42"]] });
      const [span] = await otlp.waitForSpans(1);
      expect(span?.attributes).toMatchObject({ "user.id": "u42", "app.version": "v1.2.3" });
      const entry = JSON.parse(await proxy.waitForLog(/"trace_id"/));
      expect(await proxy.logs(/Deprecated field/)).toEqual([]);
      expect(entry).toMatchObject({ trace_id: span?.traceId, "user.id": "u42", "app.version": "v1.2.3" });
    },
  );

  it("for an Envoy that cannot read filter state put user.id on the span by request header", async () => {
    const { proxy, otlp } = await start(envoy, blocks("span-attributes", { config: CONFIG, envoyVersion: "1.36.4" }));
    await proxy.request({ headers: [["x-user-id", "u42"]] });
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes).toMatchObject({ "user.id": "u42", "app.version": "v1.2.3" });
  });

  it("let a filter do what they allow: without the hostcalls that write there is no attribute", async () => {
    const { proxy, otlp } = await start(envoy, place => {
      const made = blocks("span-attributes", { config: CONFIG })(place);
      const { vm_config, capability_restriction_config } = made.http_filters[0].typed_config.config;
      const { allowed_capabilities } = vm_config.capability_restriction_config ?? capability_restriction_config;
      for (const name of ["proxy_set_property", "proxy_replace_header_map_value"]) {
        expect(allowed_capabilities).toHaveProperty(name);
        delete allowed_capabilities[name];
      }
      return made;
    });
    await proxy.request({ headers: [["x-user-id", "u42"]] });
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes).not.toHaveProperty("user.id");
  });

  it("for an EnvoyFilter make Envoy fetch the module and run it", async () => {
    const server = createServer((_, response) => response.end(readFileSync("build/span-attributes.wasm")));
    await new Promise<void>(resolve => server.listen(0, resolve));
    onTestFinished(() => close(server));
    const { port } = server.address() as AddressInfo;
    // The first Istio whose Envoy reads filter state in custom tags is 1.29.
    const istioVersion = compareVersions(envoy.version, "1.37.0") < 0 ? "1.28" : "1.31";
    const { proxy, otlp } = await start(envoy, place => {
      const code = { from: "url", url: `http://${place.hostAddress}:${port}/filter.wasm`, sha256: SHA256("span-attributes") } as const;
      const [filter] = documents("envoyfilter", request("span-attributes", { config: CONFIG, code, istioVersion }));
      const [cluster, patch] = filter.spec.configPatches;
      const { tracing } = blocks("span-attributes", { config: CONFIG })(place);
      return { http_filters: [patch.patch.value], clusters: [cluster.patch.value], tracing };
    });
    const { status } = await proxy.request({ headers: [["x-user-id", "u42"]] });
    expect(status).toBe(200);
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes).toMatchObject({ "user.id": "u42", "app.version": "v1.2.3" });
  });
});

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}
