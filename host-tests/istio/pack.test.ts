import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { describeMesh, GATEWAY, SIDECAR, VALUES } from "./suite.ts";
import { aroundRoutes } from "./surroundings.ts";
import { ENVOY_VERSIONS } from "./versions.ts";

const INGRESS = { ...GATEWAY, labels: { istio: "ingressgateway" } };
const portOf = ({ url }: { url: string }) => Number(new URL(url).port);

describeMesh("what istiod generates from the sets of the pack", ENVOY_VERSIONS["1.31"], (enter, envoy) => {
  it("from istio/request-auth asks the service that the ServiceEntry names, under its own name, and refuses whom it refuses", async () => {
    const service = await envoy.echo({
      respond: ({ headers }) =>
        headers.some(([name, value]) => name === "authorization" && value === "Bearer good")
          ? { status: 200, headers: [["x-user-id", "u7"]] }
          : { status: 401 },
    });
    const mesh = await enter({
      set: "istio/request-auth",
      values: VALUES,
      proxy: INGRESS,
      operate: ({ kind, spec }) => {
        // Here, and without TLS.
        if (kind === "ServiceEntry") spec.endpoints = [{ address: "127.0.0.1", ports: { http: portOf(service) } }];
        if (kind === "DestinationRule") delete spec.trafficPolicy.tls;
      },
    });
    const get = async (path: string, ...headers: [string, string][]) => (await mesh.proxy.request(mesh.port, { path, headers })).status;
    expect(await get("/cart", ["authorization", "Bearer good"], ["x-user-id", "forged"])).toBe(200);
    expect(await get("/cart", ["authorization", "Bearer bad"])).toBe(401);
    expect(await get("/cart")).toBe(401);
    expect(await get("/healthz")).toBe(200);
    expect(mesh.application.requests[0]?.headers.filter(([name]) => name === "x-user-id")).toEqual([["x-user-id", "u7"]]);
    expect(service.requests[0]?.headers).toContainEqual(["host", "authz.example.com"]);
  });

  it("from istio/traffic-split sends who asks for it to the canary's Pods, and says so on the span", async () => {
    const canary = await envoy.echo();
    const mesh = await enter({
      set: "istio/traffic-split",
      values: VALUES,
      proxy: INGRESS,
      operate: ({ kind, spec }, ports) => {
        if (kind === "Gateway") spec.servers[0].port.number = ports.proxy;
      },
      around: ports => aroundRoutes(INGRESS.namespace, { stable: ports.application, canary: portOf(canary) }, ports),
    });
    const get = (...headers: [string, string][]) =>
      mesh.proxy.request(mesh.port, { headers: [["host", "shop.example.com"], ["x-user-id", "u1"], ...headers] });
    expect((await get(["x-canary", "always"])).status).toBe(200);
    expect(canary.requests).toHaveLength(1);
    const [span] = await mesh.otlp.waitForSpans(spans => spans.some(({ kind }) => kind === "SERVER"));
    expect(span?.attributes).toMatchObject({ experiment: "shop", variant: "canary", canary: "true" });
    for (let i = 0; i < 20; i++) expect((await get(["x-user-id", `user-${i}`], ["x-variant", "none"])).status).toBe(200);
    expect(mesh.application.requests.length + canary.requests.length).toBe(21);
    expect(mesh.application.requests.length).toBeGreaterThan(canary.requests.length);
  });

  it("from istio/tenant-metrics counts, and the labels of the Helm values are those of Prometheus", async () => {
    const values = parse(readFileSync("istio/helm/values-tenant-metrics.yaml", "utf8"));
    const { extraStatTags } = values.meshConfig.defaultConfig;
    const mesh = await enter({ set: "istio/tenant-metrics", values: VALUES, proxy: SIDECAR, extraStatTags });
    await mesh.proxy.request(mesh.port, {
      headers: [
        ["x-tenant-id", "acme"],
        ["x-ui-version", "v2"],
      ],
    });
    const line = 'tenant_requests{tenant="acme",ui_version="v2",conversion="none",code="2xx"} 1';
    await expect.poll(() => mesh.proxy.admin("/stats/prometheus"), { timeout: 20_000 }).toContain(line);
  });
});
