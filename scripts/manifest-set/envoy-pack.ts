import { completeEnvoy, type ManifestRequest } from "../manifests/index.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { ENVOY_AUTH_CONFIG, METRICS_CONFIG } from "./spec.ts";

// biome-ignore lint/suspicious/noExplicitAny: Envoy's configuration, to which a cluster is added.
type Json = any;

const DECISIONS = { address: "authz", port_value: 8080 };
const RESTRICTIONS =
  "Envoy 1.36 and later; from 1.40 on capability_restriction_config belongs into vm_config, where it stands here it is deprecated, and still read.";
const change = (filter: string): string =>
  `Change: the address of your service (cluster app), the port, and the module's path: copy build/${filter}.wasm there.`;

/** Whole configurations of Envoy for filters of the pack that work alone. Those of traffic-split are in examples/. */
export function envoyPack(build: Build): SetFile[] {
  return [
    {
      path: "envoy/tenant-metrics.yaml",
      about: [
        "Envoy before a service, with tenant-metrics: requests, errors and duration by tenant, version of the user interface, conversion and class of the",
        "code, at /stats/prometheus of the admin port. stats_config makes the labels: one rule for each.",
        RESTRICTIONS,
        change("tenant-metrics"),
      ],
      documents: [whole(build, "tenant-metrics", { config: METRICS_CONFIG })],
    },
    {
      path: "envoy/request-auth.yaml",
      about: [
        "Envoy at an edge, with request-auth: the service authz decides about bearer tokens, and x-user-id and x-tenant-id are what it says.",
        RESTRICTIONS,
        change("request-auth"),
        "Change too: the address of the service that decides (cluster authz), and of other filters put those that read the identity behind this one.",
      ],
      documents: [withService(whole(build, "request-auth", { config: ENVOY_AUTH_CONFIG }))],
    },
  ];
}

function whole(build: Build, filter: string, more: Partial<ManifestRequest>): Json {
  const code = { from: "file", path: `/etc/envoy/${filter}.wasm` } as const;
  return completeEnvoy(meshRequest(build, filter, { code, tracer: false, envoyVersion: "1.36", ...more }));
}

function withService(document: Json): Json {
  const { clusters } = document.static_resources;
  const [app] = clusters;
  const address = { socket_address: DECISIONS };
  const load_assignment = { cluster_name: "authz", endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
  clusters.push({ ...app, name: "authz", connect_timeout: "0.25s", load_assignment });
  return document;
}
