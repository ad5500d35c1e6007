import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { ROOT } from "../oci/fixtures.ts";
import { generate, type Json, type MeshProxy, type Resources, render } from "./checker.ts";

const proxy = (namespace: string, app: string): MeshProxy => ({
  type: "sidecar",
  version: "1.31.0",
  namespace,
  cluster: `${app}.${namespace}`,
  labels: { app },
});

/** A Service and its one Pod, as istiod sees them without a cluster's API. */
const service = (name: string, ports: object[]) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name, namespace: "observability" },
  spec: {
    hosts: [`${name}.observability.svc.cluster.local`],
    location: "MESH_INTERNAL",
    resolution: "STATIC",
    ports,
    // The address that the checker gives each proxy.
    endpoints: [{ address: name === "opentelemetry-collector" ? "127.0.0.1" : "127.0.0.9", labels: { app: name } }],
  },
});

describe("what istiod makes of istio/collector", () => {
  let client: Resources;
  let agent: Resources;
  beforeAll(async () => {
    const objects = parseAllDocuments(await render(join(ROOT, "istio/collector"))).map(each => each.toJS() as Json);
    const services = objects.filter(({ kind }) => kind === "Service");
    const known = objects.filter(({ apiVersion }) => apiVersion.includes(".istio.io/"));
    const entries = services.map(({ metadata, spec }) =>
      service(
        metadata.name,
        spec.ports.map(({ name, port }: Json) => ({ number: port, name, protocol: name.startsWith("grpc") ? "GRPC" : "HTTP" })),
      ),
    );
    const manifests = [...known, ...entries].map(each => stringify(each, { version: "1.1" })).join("---\n");
    const values = readFileSync(join(ROOT, "istio/helm/values.yaml"), "utf8");
    const proxies = [proxy("shop", "checkout"), proxy("observability", "opentelemetry-collector")];
    [client, agent] = (await generate({ values, manifests, proxies })) as [Resources, Resources];
  });

  it.each([
    ["opentelemetry-collector", 4317],
    ["opentelemetry-collector", 4318],
    ["otel-gateway", 4317],
  ])("a proxy speaks mutual TLS to %s:%i", (host, port) => {
    const cluster = client.clusters.find(({ name }) => name === `outbound|${port}||${host}.observability.svc.cluster.local`);
    const tls = cluster?.transport_socket?.typed_config;
    expect(tls?.["@type"]).toMatch(/UpstreamTlsContext$/);
    expect(tls.common_tls_context.tls_certificate_sds_secret_configs.map(({ name }: Json) => name)).toEqual(["default"]);
  });

  it("the agent's proxy takes nothing else on the ports of OTLP, and plain text on the metrics'", () => {
    expect(transports(agent, 4317)).toEqual(["tls"]);
    expect(transports(agent, 4318)).toEqual(["tls"]);
    expect(transports(agent, 8888)).toEqual(["raw_buffer", "tls"]);
  });

  it("the agent's proxy asks on the ports of OTLP who is there", () => {
    const rules = JSON.stringify(chains(agent, 4317).map(({ filters }) => filters));
    expect(rules).toContain("envoy.filters.http.rbac");
    expect(rules).toContain('"destination_port":4317');
  });
});

const chains = ({ listeners }: Resources, port: number): Json[] =>
  listeners
    .filter(({ name }) => name === "virtualInbound")
    .flatMap(({ filter_chains }) => filter_chains)
    .filter(({ filter_chain_match }: Json) => filter_chain_match?.destination_port === port);

const transports = (resources: Resources, port: number): string[] =>
  [...new Set(chains(resources, port).map(({ filter_chain_match }) => filter_chain_match.transport_protocol ?? "any"))].sort();
