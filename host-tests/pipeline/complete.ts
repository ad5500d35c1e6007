import { resolve } from "node:path";
import { stringify } from "yaml";
import { completeEnvoy, type ManifestRequest } from "../../scripts/manifests/index.ts";
import type { Collector } from "../collector/collector.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy/index.ts";
import { request } from "../manifests/fixtures.ts";

interface Around {
  readonly version: string;
  /** http://127.0.0.1:… */
  readonly upstream: string;
  readonly collector: Collector;
  readonly serviceName?: string;
}

/** Starts the whole configuration that `meshwright manifest` is made from, with every span and record sent at once. */
export async function startComplete(
  filter: string,
  more: Partial<ManifestRequest>,
  { version, upstream, collector, serviceName = "app" }: Around,
): Promise<RunningEnvoy> {
  const code = { from: "file", path: resolve(`build/${filter}.wasm`) } as const;
  const asked = request(filter, { code, envoyVersion: version, sampling: 100, ...more });
  const to = { service: "127.0.0.1", port: portOf(collector.http), grpcPort: portOf(collector.grpc), serviceName };
  // biome-ignore lint/suspicious/noExplicitAny: Envoy's configuration, of which addresses change.
  const config = completeEnvoy(asked, to) as any;
  const { listeners, clusters } = config.static_resources;
  config.layered_runtime = { layers: [{ name: "soon", static_layer: SOON }] };
  for (const cluster of clusters) if (cluster.name === "app") addressOf(cluster).port_value = portOf(upstream);
  for (const cluster of clusters) addressOf(cluster).address = "127.0.0.1";
  return startEnvoy({
    version,
    // As a process, because it has to reach the Collector on this machine's loopback.
    run: "binary",
    listeners: 1,
    config: place => {
      config.admin.address.socket_address = { address: place.listenAddress, port_value: place.adminPort };
      listeners[0].address.socket_address = { address: place.listenAddress, port_value: place.listenerPort(0) };
      return stringify(config, { version: "1.1", aliasDuplicateObjects: false });
    },
  });
}

const SOON = { "tracing.opentelemetry.flush_interval_ms": 100, "tracing.opentelemetry.min_flush_spans": 1 };
const portOf = (url: string): number => Number(new URL(url).port);
// biome-ignore lint/suspicious/noExplicitAny: a cluster of Envoy's.
const addressOf = (cluster: any) => cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address;
