import { type ManifestRequest, manifests, remarks } from "../manifests/index.ts";
import type { Example } from "./examples.ts";
import { destinationRules, gateway, virtualService } from "./istio-routes.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { PROVIDERS, SPLIT_PRIORITY } from "./spec.ts";

const GATEWAY = { namespace: "istio-ingress", scope: { kind: "labels", labels: { istio: "ingressgateway" } } } as const;

// biome-ignore lint/suspicious/noExplicitAny: a Telemetry, to which tags are added.
type Json = any;

/** The same at a gateway of a mesh: the filters, what tracing and the log read, and routes to the variants' subsets. */
export function exampleIstio(build: Build, example: Example): SetFile {
  const { name, service, split, metrics, tags = {} } = example;
  const [plugin, telemetry] = manifests("istio", request(build, "traffic-split", split)) as [Json, Json];
  const counting = request(build, "tenant-metrics", metrics);
  for (const [tag, value] of Object.entries(tags)) telemetry.spec.tracing[0].customTags[tag] = { formatter: { value } };
  const about = [
    `${service} behind a gateway: traffic-split chooses, tenant-metrics counts, routes lead to the variants' Pods. Istio 1.29 and later.`,
    "Change: url of both plugins, to your registry, better with sha256; hosts; the provider, as in istio/helm/values.yaml. Where you have a gateway, name it and take Gateway out.",
    ...(example.after ? [`The switch: ${weights(example)} in variants, and kubectl apply again.`] : []),
    ...remarks("istio", counting),
  ];
  const documents = [
    plugin,
    ...manifests("istio", counting),
    telemetry,
    gateway(example),
    virtualService(example),
    ...destinationRules(example),
  ];
  return { path: `examples/${name}/istio.yaml`, about, documents };
}

const weights = ({ after }: Example): string =>
  Object.entries(after?.weights ?? {})
    .map(([name, weight]) => `weight ${weight} for ${name}`)
    .join(", ");

const request = (build: Build, filter: string, config: unknown): ManifestRequest =>
  meshRequest(build, filter, {
    ...GATEWAY,
    config,
    ...(filter === "traffic-split" ? { priority: SPLIT_PRIORITY, provider: PROVIDERS.tracing } : {}),
  });
