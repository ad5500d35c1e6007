import { COLLECTOR, COLLECTOR_CLUSTER, collectorCluster, completeEnvoy, type ManifestRequest } from "../manifests/index.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";

// biome-ignore lint/suspicious/noExplicitAny: Envoy's configuration, whose parts are put together here.
type Json = any;

/** A gateway of one of two clusters. */
interface Gateway {
  readonly file: "west" | "east";
  readonly cluster: string;
  readonly port: number;
  readonly admin: number;
  /** To whom its requests go. */
  readonly next: number;
  readonly about: string;
}

const GATEWAYS: readonly Gateway[] = [
  {
    file: "west",
    cluster: "us-west",
    port: 10000,
    admin: 9901,
    next: 10001,
    about: "in front of clients; its requests go to the other cluster",
  },
  { file: "east", cluster: "us-east", port: 10001, admin: 9902, next: 8080, about: "before the application" },
];

const ATTRIBUTES = [
  { name: "cluster.name", node: "CLUSTER_ID", default: "unknown" },
  { name: "tenant.id", header: "x-tenant-id" },
  { name: "user.id", header: "x-user-id", default: "anonymous" },
];

/** Two gateways with different cluster metadata, each with Envoy's tracer, and each once more with our filter alone. */
export function clusterFiles(build: Build): SetFile[] {
  return GATEWAYS.flatMap(gateway => [file(build, gateway, "tracer"), file(build, gateway, "filter")]);
}

function file(build: Build, gateway: Gateway, traces: "tracer" | "filter"): SetFile {
  const name = traces === "tracer" ? gateway.file : `${gateway.file}-filter`;
  const how =
    traces === "tracer" ? "Envoy's own tracer, and mesh-telemetry for the attributes" : "no tracer: trace-context exports the spans";
  const about = [
    `The gateway of ${gateway.cluster}, ${gateway.about}. Here: ${how}.`,
    "Envoy 1.37 and later. In the repository's folder, after npm run build:",
    `envoy -c examples/two-clusters/${name}.yaml --base-id ${gateway.file === "west" ? 1 : 2}`,
    "In a mesh CLUSTER_ID comes from istiod. Change: the addresses of the clusters app and opentelemetry-collector.",
  ];
  return { path: `examples/two-clusters/${name}.yaml`, about, documents: [configuration(build, gateway, traces)] };
}

function configuration(build: Build, { file, cluster, port, admin, next }: Gateway, traces: "tracer" | "filter"): Json {
  const serviceName = `gateway-${file}`;
  const own = traces === "tracer" ? tracerRequest(build) : filterRequest(build, serviceName);
  const to = { ...COLLECTOR, service: "127.0.0.1", serviceName };
  const whole: Json = completeEnvoy(own, to);
  whole.admin.address.socket_address.port_value = admin;
  const { listeners, clusters } = whole.static_resources;
  listeners[0].address.socket_address.port_value = port;
  addressOf(
    clusters.find(({ name }: Json) => name === "app"),
    next,
  );
  // The filter's export needs the cluster that the tracer would bring.
  if (traces === "filter") clusters.push(collectorCluster(to));
  return { node: { id: serviceName, cluster: serviceName, metadata: { CLUSTER_ID: cluster } }, ...whole };
}

function tracerRequest(build: Build): ManifestRequest {
  return meshRequest(build, "mesh-telemetry", {
    code: { from: "file", path: "build/mesh-telemetry.wasm" },
    config: { span_attributes: { attributes: ATTRIBUTES } },
    sampling: 100,
    envoyVersion: "1.37",
  });
}

function filterRequest(build: Build, service_name: string): ManifestRequest {
  return meshRequest(build, "trace-context", {
    code: { from: "file", path: "build/trace-context.wasm" },
    config: {
      expose: ["trace_id", "span_id"],
      export: { cluster: COLLECTOR_CLUSTER, service_name, batch: { interval_ms: 1000 }, span_attributes: { attributes: ATTRIBUTES } },
    },
    tracer: false,
    envoyVersion: "1.37",
  });
}

function addressOf(cluster: Json, port: number): void {
  cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address = { address: "127.0.0.1", port_value: port };
}
