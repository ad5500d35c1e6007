import { manifests } from "../manifests/index.ts";
import { IMAGE_NOTE } from "./istio-base.ts";
import { destinationRules, gateway, networking, SERVICES, virtualService } from "./istio-routes.ts";
import { kustomization } from "./kustomize.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { AUTH_CONFIG, DECISION_SERVICE, METRICS_CONFIG, PROVIDERS, SPLIT, SPLIT_PRIORITY } from "./spec.ts";

/** The gateway where requests of strangers come in. */
const GATEWAY = { namespace: "istio-ingress", scope: { kind: "labels", labels: { istio: "ingressgateway" } } } as const;
const GATEWAY_NOTE =
  "Change: namespace and selector, to your gateway's; of a Gateway of the Gateway API, targetRefs with its name in selector's place.";

/** tenant-metrics, on the side that serves, so that each request counts once in each service. */
export function tenantMetrics(build: Build): SetFile[] {
  const documents = manifests("istio", meshRequest(build, "tenant-metrics", { config: METRICS_CONFIG, mode: "SERVER" }));
  return [
    {
      path: "istio/tenant-metrics/kustomization.yaml",
      about: [
        "tenant-metrics on every sidecar, on the side that serves: requests, errors and duration by tenant, version of the user interface, conversion and",
        "class of the code. Istio 1.22 and later. Its labels need helm/values-tenant-metrics.yaml as well.",
      ],
      documents: [kustomization({ resources: ["wasm-plugin.yaml"] })],
    },
    {
      path: "istio/tenant-metrics/wasm-plugin.yaml",
      about: [
        "The filter: counts a request when it has ended, so it sees what others put into headers and filter state.",
        "Change: labels, and with them extraStatTags in helm/values-tenant-metrics.yaml; max_series, the cap of each proxy.",
        ...IMAGE_NOTE,
      ],
      documents,
    },
  ];
}

/** traffic-split at a gateway, and the routes that follow it. */
export function trafficSplit(build: Build): SetFile[] {
  const request = meshRequest(build, "traffic-split", {
    ...GATEWAY,
    priority: SPLIT_PRIORITY,
    config: SPLIT.split,
    provider: PROVIDERS.tracing,
  });
  const [plugin, telemetry] = manifests("istio", request);
  return [
    {
      path: "istio/traffic-split/kustomization.yaml",
      about: [
        "traffic-split at a gateway: a tenth of the users, and who asks for it, get the canary of a service. Istio 1.29 and later.",
        "Rollouts of other kinds are in examples/: blue-green, A/B and fault tests.",
      ],
      documents: [kustomization({ resources: ["wasm-plugin.yaml", "telemetry.yaml", "routes.yaml"] })],
    },
    {
      path: "istio/traffic-split/wasm-plugin.yaml",
      about: [
        "The filter: chooses the variant and writes x-variant. It runs after authentication and authorisation, so that who is refused gets no variant,",
        "and before other plugins of its phase.",
        GATEWAY_NOTE,
        ...IMAGE_NOTE,
      ],
      documents: [plugin],
    },
    {
      path: "istio/traffic-split/telemetry.yaml",
      about: [
        "The custom tags that read what the filter stored. They take the place of the mesh's for this gateway: add those of base that you want to keep.",
        "Change: namespace and selector, as in wasm-plugin.yaml; the provider.",
      ],
      documents: [telemetry],
    },
    {
      path: "istio/traffic-split/routes.yaml",
      about: [
        "Routes by x-variant to the variants' Pods; what has no x-variant, as when the filter is not there, goes to the first one.",
        `Change: namespace ${SERVICES}, hosts, the service, and the label by which its Pods differ. Where you have a gateway, name it and take Gateway out.`,
      ],
      documents: [gateway(SPLIT), virtualService(SPLIT), ...destinationRules(SPLIT)],
    },
  ];
}

/** request-auth at a gateway, and the service that it asks. */
export function requestAuth(build: Build): SetFile[] {
  return [
    {
      path: "istio/request-auth/kustomization.yaml",
      about: [
        "request-auth at a gateway: a service decides about bearer tokens, and x-user-id and x-tenant-id are what it says. Istio 1.22 and later.",
        "FAIL_CLOSE: without the filter nobody passes.",
      ],
      documents: [kustomization({ resources: ["wasm-plugin.yaml", "decision-service.yaml"] })],
    },
    {
      path: "istio/request-auth/wasm-plugin.yaml",
      about: [
        "The filter, in phase AUTHN: before Istio's own authentication and authorisation, and before all that reads the identity.",
        "Change: decision, where cluster is outbound|PORT||HOST as in decision-service.yaml; public_paths; for keys that clients hold, api_keys.",
        GATEWAY_NOTE,
        ...IMAGE_NOTE,
      ],
      documents: manifests("istio", meshRequest(build, "request-auth", { ...GATEWAY, phase: "AUTHN", config: AUTH_CONFIG })),
    },
    {
      path: "istio/request-auth/decision-service.yaml",
      about: [
        "The service that decides, outside of the mesh, by TLS. Only the gateway's namespace sees it.",
        "Change: namespace, host and port. A service in the mesh needs none of this: its cluster is outbound|8080||authz.security.svc.cluster.local.",
      ],
      documents: decisionService(),
    },
  ];
}

function decisionService(): Record<string, unknown>[] {
  const { host, port } = DECISION_SERVICE;
  const { namespace } = GATEWAY;
  const name = "decision-service";
  const exportTo = ["."];
  return [
    networking("ServiceEntry", namespace, name, {
      hosts: [host],
      exportTo,
      location: "MESH_EXTERNAL",
      resolution: "DNS",
      // HTTP, because Envoy speaks it; TLS comes from the rule below.
      ports: [{ number: port, name: "http", protocol: "HTTP" }],
    }),
    networking("DestinationRule", namespace, name, {
      host,
      exportTo,
      trafficPolicy: { connectionPool: { tcp: { connectTimeout: "0.25s" } }, tls: { mode: "SIMPLE", sni: host, caCertificates: "system" } },
    }),
  ];
}
