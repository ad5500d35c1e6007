import { expect, it } from "vitest";
import type { Span } from "../envoy/index.ts";
import type { Mesh } from "./mesh.ts";
import { describeMesh, GATEWAY, SIDECAR, VALUES } from "./suite.ts";
import { ENVOY_VERSIONS } from "./versions.ts";

const USER: [string, string][] = [
  ["x-user-id", "u42"],
  ["x-tenant-id", "acme"],
];
const WHO = {
  "user.id": "u42",
  "tenant.id": "acme",
  "cluster.name": "Kubernetes",
  "service.version": "v7",
  "deployment.environment": "production",
};
describeMesh("what istiod generates", ENVOY_VERSIONS["1.31"], enter => {
  it.each([
    { set: "istio/base", proxy: SIDECAR, attributes: { ...WHO, "k8s.namespace.name": "shop" } },
    { set: "istio/base", proxy: GATEWAY, attributes: { ...WHO, "k8s.namespace.name": "istio-ingress" } },
    { set: "istio/overlays/sidecar", proxy: SIDECAR, attributes: WHO },
    { set: "istio/overlays/gateway", proxy: GATEWAY, attributes: WHO },
    { set: "istio/overlays/traffic-extension", proxy: SIDECAR, attributes: WHO },
    { set: "istio/overlays/traffic-extension", proxy: GATEWAY, attributes: WHO },
    { set: "istio/overlays/envoy-filter", proxy: SIDECAR, attributes: WHO },
    { set: "istio/overlays/skip-unsampled", proxy: SIDECAR, attributes: WHO },
  ])("from $set for a $proxy.type puts user and tenant on the exported span and in the access log", async ({ set, proxy, attributes }) => {
    const mesh = await enter({ set, values: VALUES, proxy });
    const span = await traced(mesh);
    expect(span.attributes).toMatchObject(attributes);
    expect(span.service).toBe(proxy.cluster);
    const [line] = await mesh.accessLog(1);
    expect(line).toMatchObject({ ...attributes, trace_id: span.traceId });
  });

  it("from istio/overlays/skip-unsampled does not call the filter for a request that is not sampled", async () => {
    const mesh = await enter({ set: "istio/overlays/skip-unsampled", values: VALUES, proxy: SIDECAR });
    await traced(mesh);
    const traceparent: [string, string] = ["traceparent", `00-${"4b".repeat(16)}-${"1f".repeat(8)}-00`];
    expect((await mesh.proxy.request(mesh.port, { headers: [...USER, traceparent] })).status).toBe(200);
    const [sampled, other] = await mesh.accessLog(2);
    expect(sampled).toMatchObject(WHO);
    expect(other).toMatchObject({ "user.id": null, "tenant.id": null });
  });

  it("from istio/base has defaults for what nobody says", async () => {
    const mesh = await enter({ set: "istio/base", values: VALUES, proxy: { ...SIDECAR, labels: { app: "checkout" } } });
    expect((await mesh.proxy.request(mesh.port, {})).status).toBe(200);
    const [span] = await mesh.otlp.waitForSpans(1);
    expect(span?.attributes).toMatchObject({ "user.id": "anonymous", "service.version": "unknown", "k8s.pod.name": "unknown" });
    expect(span?.attributes).not.toHaveProperty(["tenant.id"]);
  });

  it.each([SIDECAR, GATEWAY])(
    "from istio/overlays/otlp-log sends the log of a $type to the collector, with the ids of the span",
    async proxy => {
      const mesh = await enter({ set: "istio/overlays/otlp-log", values: VALUES, proxy });
      const span = await traced(mesh);
      await expect.poll(() => mesh.otlp.logs().length).toBe(1);
      const [record] = mesh.otlp.logs();
      expect(record).toMatchObject({ traceId: span.traceId, spanId: span.spanId, attributes: { ...WHO, status: "200" } });
      expect(mesh.otlp.errors()).toEqual([]);
    },
  );

  it("from istio/span-attributes puts literal attributes on the spans of the workload, and of no other", async () => {
    const member = { set: "istio/span-attributes", values: VALUES, proxy: SIDECAR };
    const span = await traced(await enter(member));
    expect(span.attributes).toMatchObject({ "app.version": "v1.2.3", "deployment.environment": "production" });
    const other = await enter({ ...member, proxy: { ...SIDECAR, labels: { app: "catalog" } } });
    expect(other.resources.extensions).toEqual([]);
  });

  it("from istio/overlays/gateway keeps a stranger's traceparent apart", async () => {
    const mesh = await enter({ set: "istio/overlays/gateway", values: VALUES, proxy: GATEWAY });
    const traceparent = `00-${"4b".repeat(16)}-${"1f".repeat(8)}-01`;
    const span = await traced(mesh, [["traceparent", traceparent]]);
    expect(span.attributes).toMatchObject({ "trace_context.untrusted_traceparent": traceparent });
  });

  it("from istio/trace-context sends no span, and the log and the application have the filter's ids", async () => {
    const mesh = await enter({ set: "istio/trace-context", values: VALUES, proxy: SIDECAR });
    expect((await mesh.proxy.request(mesh.port, { headers: USER })).status).toBe(200);
    const [line] = await mesh.accessLog(1);
    expect(line).toMatchObject({ trace_id: expect.stringMatching(/^[0-9a-f]{32}$/), span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(mesh.traceparent()).toContain(`00-${line?.trace_id}-${line?.span_id}-`);
    expect(mesh.otlp.spans()).toEqual([]);
  });

  it("lets requests pass without attributes where the agent cannot pull the module", async () => {
    const mesh = await enter({ set: "istio/base", values: VALUES, proxy: SIDECAR }, { unpullable: true });
    const { attributes } = await traced(mesh);
    expect(attributes).toMatchObject({ "deployment.environment": "production" });
    expect(attributes).not.toHaveProperty(["user.id"]);
  });
});

// The first whose custom tags read filter state.
describeMesh("what istiod generates for proxies of Istio 1.29", ENVOY_VERSIONS["1.29"], enter => {
  it.each([SIDECAR, GATEWAY])("puts user and tenant on the span of a $type", async proxy => {
    const mesh = await enter({ set: "istio/base", values: "istio/helm/values-1.29.yaml", proxy: { ...proxy, version: "1.29.0" } });
    const span = await traced(mesh);
    expect(span.attributes).toMatchObject(WHO);
    const [line] = await mesh.accessLog(1);
    expect(line).toMatchObject({ ...WHO, trace_id: span.traceId });
  });
});

describeMesh("what istiod generates for proxies of Istio 1.28", ENVOY_VERSIONS["1.28"], enter => {
  const values = "istio/helm/values-old-proxies.yaml";

  it.each([SIDECAR, GATEWAY])("puts user and tenant on the span of a $type, by request headers", async proxy => {
    const mesh = await enter({ set: "istio/overlays/old-proxies", values, proxy: { ...proxy, version: "1.28.3" } });
    const span = await traced(mesh);
    expect(span.attributes).toMatchObject(WHO);
    const [line] = await mesh.accessLog(1);
    expect(line).toMatchObject(WHO);
  });

  it("has no custom tag that reads filter state, so istio/base is not for them", async () => {
    const mesh = await enter({ set: "istio/base", values, proxy: { ...SIDECAR, version: "1.28.3" } });
    expect((await traced(mesh)).attributes).not.toHaveProperty(["user.id"]);
  });
});

/** Sends a request; answers the span of the proxy. */
async function traced(mesh: Mesh, headers: readonly [string, string][] = []): Promise<Span> {
  const { status } = await mesh.proxy.request(mesh.port, { headers: [...USER, ...headers] });
  expect(status).toBe(200);
  const spans = await mesh.otlp.waitForSpans(spans => spans.some(({ kind }) => kind === "SERVER"));
  const span = spans.find(({ kind }) => kind === "SERVER");
  if (!span) throw new Error("no span of the proxy");
  expect(mesh.traceparent()).toContain(span.traceId);
  expect(mesh.otlp.errors()).toEqual([]);
  return span;
}
