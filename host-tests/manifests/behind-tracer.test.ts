import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import type { ManifestRequest } from "../../scripts/manifests/index.ts";
import { type EchoedRequest, envoyConfig, ORIGINAL_TRACEPARENT, type OtlpReceiver, type Place, type RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { violations } from "../w3c/check.ts";
import type { Field } from "../w3c/rule.ts";
import { rules } from "../w3c/rules.ts";
import { manifest, withInput } from "./command.ts";
import { published } from "./crds.ts";
import { DIGEST, documents, request } from "./fixtures.ts";

/** Istio's, current and first that reads filter state; and the current one. */
const VERSIONS = ["1.37.0", "1.39.3", "1.40.0"];
const CORRUPT = "00-00000000000000000000000000000000-b7ad6b7169203331-01";

interface Blocks {
  readonly manager: Record<string, unknown>;
  readonly cluster: Record<string, unknown>;
  readonly clusters?: readonly object[];
}

/** Envoy with its tracer on and what the manifest says of listener and cluster; what the manifest gives is put in place as a whole, as Istio does. */
async function start(envoy: EnvoySuite, blocks: (place: Place) => Blocks): Promise<{ proxy: RunningEnvoy; otlp: OtlpReceiver }> {
  const echo = await envoy.echo();
  const otlp = await envoy.receiver();
  const config = (place: Place): string => {
    const { manager, cluster, clusters = [] } = blocks(place);
    const spec = {
      tracing: { otlp: otlp.url },
      clusters: [{ name: "echo", url: echo.url, cluster }],
      listeners: [{ name: "in", hcm: manager }],
    };
    const bootstrap = parse(envoyConfig(spec, place));
    bootstrap.static_resources.clusters.push(...clusters);
    return stringify(bootstrap, { version: "1.1" });
  };
  return { proxy: await envoy.start({ config }), otlp };
}

const send = async (proxy: RunningEnvoy, headers: Field[]): Promise<Field[]> => {
  const response = await proxy.request({ headers });
  expect(response.status).toBe(200);
  return response.json<EchoedRequest>().headers;
};

/** One exported root, and the application hangs under it. */
async function expectCorrected(proxy: RunningEnvoy, otlp: OtlpReceiver): Promise<void> {
  const sent = await send(proxy, [["traceparent", CORRUPT]]);
  const [span] = await otlp.waitForSpans(1);
  expect(sent.filter(([name]) => name === "traceparent")).toEqual([["traceparent", `00-${span?.traceId}-${span?.spanId}-03`]]);
  expect(span?.parentSpanId).toBe("");
  expect(sent.map(([name]) => name)).not.toContain(ORIGINAL_TRACEPARENT);
}

describeEnvoy("manifest trace-context --behind-tracer", { versions: VERSIONS }, envoy => {
  const behind = (more: Partial<ManifestRequest>): ManifestRequest =>
    request("trace-context", { behindTracer: true, failurePolicy: "open", envoyVersion: envoy.version, ...more });

  describe("for Envoy", () => {
    let proxy: RunningEnvoy;
    let otlp: OtlpReceiver;
    beforeAll(async () => {
      ({ proxy, otlp } = await start(envoy, place => {
        const code = { from: "file", path: place.file("build/trace-context.wasm") } as const;
        const [{ typed_extension_protocol_options, ...manager }] = documents("envoy", behind({ code }));
        return { manager, cluster: { typed_extension_protocol_options } };
      }));
    });

    it("puts a broken trace right, under a span that is exported", async () => {
      await expectCorrected(proxy, otlp);
      expect(await proxy.logs(/Deprecated field|\[(error|critical)\]/)).toEqual([]);
    });

    it.each(rules.map(rule => [rule.name, rule] as const))("%s", async (_, rule) => {
      expect(violations(rule, await send(proxy, rule.in)), rule.spec).toEqual([]);
    });
  });

  it("as EnvoyFilter with a module from a URL does the same", async () => {
    const server = createServer((_, response) => response.end(readFileSync("build/trace-context.wasm")));
    await new Promise<void>(resolve => server.listen(0, resolve));
    onTestFinished(() => close(server));
    const { port } = server.address() as AddressInfo;
    const { sha256 } = JSON.parse(readFileSync("build/trace-context.meta.json", "utf8"));
    const istioVersion = envoy.version === "1.40.0" ? "1.32" : "1.31";
    const { proxy, otlp } = await start(envoy, place => {
      const code = { from: "url", url: `http://${place.hostAddress}:${port}/filter.wasm`, sha256 } as const;
      const [{ spec }] = documents("envoyfilter", behind({ code, istioVersion }));
      const [module, listener, cluster] = spec.configPatches.map(({ patch }: { patch: { value: unknown } }) => patch.value);
      return { manager: listener.typed_config, cluster, clusters: [module] };
    });
    await expectCorrected(proxy, otlp);
  });
});

describe("the EnvoyFilter behind the tracer", () => {
  const IMAGE = ["--image", "oci://registry.example/trace-context:1.0", "--digest", `sha256:${DIGEST}`];
  const made = (...args: string[]) => manifest("trace-context", "--target", "envoyfilter", "--behind-tracer", ...args);

  it.skipIf(!published).each([
    ["of sidecars, with an image", IMAGE],
    ["of sidecars, with a URL", ["--remote", "https://modules.example.com/trace-context.wasm"]],
    [
      "of a gateway",
      [...IMAGE, "--gateway", "edge", "--service", "shop.shop.svc.cluster.local", "--service", "cart.shop.svc.cluster.local"],
    ],
  ])("%s passes meshwright validate", async (_, args) => {
    const { status, out, err } = await made(...args);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const verdict = await withInput(out, ["validate", "-"]);
    expect(verdict).toMatchObject({ status: 0 });
    expect(verdict.out).not.toMatch(/warning|error/);
  });

  it("changes the clusters of all of an inbound listener, and elsewhere those that are named", async () => {
    const clusters = async (...args: string[]) => {
      const { spec } = parse((await made(...IMAGE, ...args)).out);
      return spec.configPatches.flatMap(({ applyTo, match }: { applyTo: string; match: object }) => (applyTo === "CLUSTER" ? [match] : []));
    };
    expect(await clusters()).toEqual([{ context: "SIDECAR_INBOUND" }]);
    expect(await clusters("--context", "SIDECAR_OUTBOUND", "--service", "a.b", "--service", "c.d")).toEqual([
      { context: "SIDECAR_OUTBOUND", cluster: { service: "a.b" } },
      { context: "SIDECAR_OUTBOUND", cluster: { service: "c.d" } },
    ]);
  });

  it.each([
    [
      "a listener with clusters of Envoy's own",
      ["--context", "SIDECAR_OUTBOUND", ...IMAGE],
      "name the services behind the routes: --service HOST",
    ],
    [
      "Istio's own resources",
      ["--target", "istio", ...IMAGE],
      "istio puts no filter into clusters; for --behind-tracer take target envoyfilter",
    ],
    [
      "images on proxies that know no RBAC in clusters",
      [...IMAGE, "--istio-version", "1.30"],
      "give --remote URL, or --istio-version 1.31",
    ],
    ["a part for hot reload", ["--target", "envoy", "--ecds", "x.json"], "--ecds parts a filter from its listener"],
  ])("is refused for %s", async (_, args, words) => {
    const { status, out, err } = await made(...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(words);
  });

  it("is refused with what the tracer decides, and for another filter", async () => {
    const told = await made(...IMAGE, "--config", '{"parent_id": "renew", "export": {"cluster": "otel"}}');
    expect(told).toMatchObject({ status: 1, out: "" });
    expect(told.err).toBe(
      'manifest: trace-context: parent_id: expected one of "auto", "keep", found "renew"\n' +
        'manifest: trace-context: export: expected no such key, found {"cluster":"otel"}\n',
    );
    const other = await manifest("span-attributes", "--target", "envoy", "--behind-tracer");
    expect(other).toMatchObject({
      status: 2,
      err: expect.stringContaining("trace-context runs behind the tracer, span-attributes does not"),
    });
  });
});

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}
