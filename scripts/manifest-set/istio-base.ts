import { manifests } from "../manifests/index.ts";
import { kustomization } from "./kustomize.ts";
import { type Build, baseRequest, literalRequest, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { IDS_CONFIG, PROVIDERS } from "./spec.ts";

export const IMAGE_NOTE = [
  "Change: url, to your registry. Better with sha256 below it: 64 digits of the digest that `meshwright push` prints,",
  "because a tag may mean another module tomorrow.",
];

/** mesh-telemetry, on every proxy of the mesh. */
export function base(build: Build): SetFile[] {
  const [plugin, telemetry] = manifests("istio", baseRequest(build));
  return [
    {
      path: "istio/base/kustomization.yaml",
      about: [
        "mesh-telemetry on every sidecar and gateway: identity and deployment on each span, in the access log and on a metric.",
        "Istio 1.29 and later; before that overlays/old-proxies. The providers that it names are in helm/values.yaml.",
        "Change: namespace, where istiod's root namespace is another.",
      ],
      documents: [kustomization({ resources: ["wasm-plugin.yaml", "telemetry.yaml"] })],
    },
    {
      path: "istio/base/wasm-plugin.yaml",
      about: ["The filter: reads x-user-id, x-tenant-id and the proxy's metadata, and stores what it read as filter state.", ...IMAGE_NOTE],
      documents: [plugin],
    },
    {
      path: "istio/base/telemetry.yaml",
      about: [
        "What the proxies trace, log and count. `formatter` reads what the filter stored; istiod leaves it out, without a word, for proxies before 1.29.",
        "A Telemetry of a workload or namespace replaces this customTags as a whole: repeat what you want to keep.",
        "Istio takes one Telemetry without selector in a namespace: where you have one, move these fields to it.",
        "Change: randomSamplingPercentage, deployment.environment, and the names of the providers.",
      ],
      documents: [telemetry],
    },
  ];
}

/** span-attributes by EnvoyFilter, with literals, for one workload. */
export function spanAttributes(build: Build): SetFile[] {
  const [filter, telemetry] = manifests("envoyfilter", literalRequest(build));
  return [
    {
      path: "istio/span-attributes/kustomization.yaml",
      about: [
        "Literal attributes on the spans of one workload, by EnvoyFilter: the filter has a VM of its own and no more capabilities than it uses.",
        "Istio 1.29 and later. Change: the namespace and the labels of your workload, in both files.",
      ],
      documents: [kustomization({ resources: ["envoy-filter.yaml", "telemetry.yaml"] })],
    },
    {
      path: "istio/span-attributes/envoy-filter.yaml",
      about: [
        "The filter before the router of inbound connections. Istio's agent pulls the image, because the filter is discovered (EXTENSION_CONFIG).",
        "Istio 1.29 to 1.31: from Envoy 1.40 on the place of capability_restriction_config is deprecated, and still read.",
        "Change: uri, to your registry; sha256, `nil` for none, to the digest of the image; custom_attributes in value.",
      ],
      documents: [filter],
    },
    {
      path: "istio/span-attributes/telemetry.yaml",
      about: ["The custom tags that read what the filter stored: one for each of its attributes."],
      documents: [telemetry],
    },
  ];
}

/** trace-context in a mesh that traces nothing. */
export function traceContext(build: Build): SetFile[] {
  const request = meshRequest(build, "trace-context", { config: IDS_CONFIG, tracer: false, accessLog: PROVIDERS.idLog });
  const [plugin, telemetry] = manifests("istio", request);
  return [
    {
      path: "istio/trace-context/kustomization.yaml",
      about: [
        "For a mesh without a tracer: a valid traceparent on every request, a span id for each hop, both in the access log.",
        "Istio 1.22 and later. Not together with base, which has a tracer and this filter's work in mesh-telemetry.",
      ],
      documents: [kustomization({ resources: ["wasm-plugin.yaml", "telemetry.yaml"] })],
    },
    {
      path: "istio/trace-context/wasm-plugin.yaml",
      about: ["The filter: takes over or starts a trace and renews the parent-id.", ...IMAGE_NOTE],
      documents: [plugin],
    },
    {
      path: "istio/trace-context/telemetry.yaml",
      about: ["No spans, and the access log of helm/values.yaml with the ids that the filter exposes."],
      documents: [telemetry],
    },
  ];
}
