import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { type Collector, startCollector } from "../collector/collector.ts";
import { startEcho } from "../envoy/index.ts";
import { startText } from "./file.ts";
import { keep } from "./keep.ts";

const VERSIONS = ["1.37.0", "1.39.3", "1.40.0"] as const;
const STRANGER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const objects = parseAllDocuments(readFileSync("linkerd/gateway/gateway.yaml", "utf8")).map(each => each.toJS());
const config: string = objects.find(({ kind }) => kind === "ConfigMap").data["envoy.yaml"];

/** Envoy as it is in front of Linkerd, with an upstream in the place of the mesh. */
async function start(version: string) {
  const collector: Collector = keep(await startCollector());
  const mesh = keep(await startEcho());
  const proxy = keep(await startText(config, version, { app: mesh.url, "opentelemetry-collector": collector.http }));
  return { collector, mesh, proxy };
}

describe.each(VERSIONS)("[envoy %s] the gateway before Linkerd", version => {
  it.each([
    ["without traceparent", []],
    ["with a stranger's traceparent", [["traceparent", STRANGER]]],
    ["with a broken one", [["traceparent", "00-0-0-00"]]],
  ] as [string, [string, string][]][])("starts a trace that Linkerd's proxies go on with, for a request %s", async (_, headers) => {
    const { collector, mesh, proxy } = await start(version);
    const identity: [string, string][] = [
      ["x-user-id", "u42"],
      ["x-tenant-id", "acme"],
    ];
    expect((await proxy.request({ path: "/checkout", headers: [...headers, ...identity] })).status).toBe(200);
    await expect.poll(async () => (await collector.spans()).length).toBe(1);
    const [span] = await collector.spans();
    const sent = mesh.requests[0]?.headers.filter(([name]) => name === "traceparent").map(([, value]) => value) ?? [];
    // Linkerd's proxy takes one header of version 00 whose ids are not all zero, and sends spans when the lowest bit is set.
    expect(sent).toHaveLength(1);
    const [, traceId, parentId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(sent[0] ?? "") ?? [];
    expect(Number.parseInt(flags ?? "", 16) & 1).toBe(1);
    expect(traceId).not.toBe(STRANGER.slice(3, 35));
    // Its spans are below this one, which is a root and alone knows who asks.
    expect(span).toMatchObject({ traceId, spanId: parentId, parentSpanId: "", service: "edge-gateway", kind: "SERVER" });
    expect(span?.attributes).toMatchObject({ "user.id": "u42", "tenant.id": "acme", "cluster.name": "unknown" });
    // And Linkerd's spans, which know nobody, are found by the log of the gateway as well.
    expect(JSON.parse(await proxy.waitForLog(/"trace_id"/))).toMatchObject({ trace_id: traceId, span_id: parentId });
  });
});

describe("linkerd/", () => {
  it("names as the Collector's identity the service account that it has", () => {
    const { endpoint, meshIdentity } = parse(readFileSync("linkerd/values.yaml", "utf8")).proxy.tracing.collector;
    const agent = parseAllDocuments(readFileSync("linkerd/collector/agent.yaml", "utf8")).map(each => each.toJS());
    const { metadata, spec } = agent.find(({ kind }) => kind === "DaemonSet");
    expect(meshIdentity).toEqual({ serviceAccountName: spec.template.spec.serviceAccountName, namespace: metadata.namespace });
    const service = agent.find(({ kind }) => kind === "Service");
    const port = service.spec.ports.find(({ name }: { name: string }) => name === "grpc-otlp").port;
    expect(endpoint).toBe(`${service.metadata.name}.${service.metadata.namespace}:${port}`);
  });

  it("mounts the module where the filter's configuration looks for it", () => {
    const { spec } = objects.find(({ kind }) => kind === "Deployment").spec.template;
    const folder = spec.containers[0].volumeMounts.find(({ name }: { name: string }) => name === "filters").mountPath;
    expect(config).toContain(`filename: ${folder}/trace-context.wasm`);
    expect(readFileSync("linkerd/gateway/gateway.yaml", "utf8")).toContain(
      "create configmap envoy-filters --from-file=build/trace-context.wasm",
    );
    // A ConfigMap takes a mebibyte.
    expect(readFileSync("build/trace-context.wasm").length).toBeLessThan(1 << 20);
  });
});
