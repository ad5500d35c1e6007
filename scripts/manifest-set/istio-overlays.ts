import { type ManifestRequest, manifests, type Target } from "../manifests/index.ts";
import { IMAGE_NOTE } from "./istio-base.ts";
import { specPatch } from "./json-patch.ts";
import { kustomization, type Patch } from "./kustomize.ts";
import { type Build, baseRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { GATEWAY_CONFIG, PROVIDERS } from "./spec.ts";

interface Overlay {
  readonly name: string;
  readonly about: readonly string[];
  readonly namespace?: string;
  readonly request: Partial<ManifestRequest>;
  /** Another kind in the WasmPlugin's place. */
  readonly instead?: { readonly target: Target; readonly file: string; readonly about: readonly string[] };
}

/** An EnvoyFilter in WasmPlugin's place. */
const ENVOY_FILTER = {
  target: "envoyfilter",
  file: "envoy-filter.yaml",
  about: [
    "The filter, in the place of base's WasmPlugin. Istio's agent pulls the image, because the filter is discovered (EXTENSION_CONFIG).",
    "Change: uri, to your registry; sha256, `nil` for none, to the digest of the image.",
  ],
} as const;

const OVERLAYS: readonly Overlay[] = [
  {
    name: "sidecar",
    about: [
      "One namespace instead of the mesh, and of its sidecars the side that serves. Istio 1.29 and later.",
      "Change: namespace. Together with base the filter would run twice.",
    ],
    namespace: "shop",
    request: { namespace: "shop", mode: "SERVER" },
  },
  {
    name: "gateway",
    about: [
      "One Gateway of the Gateway API instead of the mesh, where requests of strangers come in: baggage and tracestate of the caller are dropped,",
      "its traceparent stays readable as trace_context.untrusted_traceparent. The tracer itself still follows it: see the filter trace-context.",
      "Istio 1.29 and later. Change: namespace and the Gateway's name; for a gateway of Istio's own API, targetRefs to",
      "`selector: { matchLabels: { istio: ingressgateway } }` in both patches.",
    ],
    namespace: "istio-ingress",
    request: { namespace: "istio-ingress", config: GATEWAY_CONFIG, scope: { kind: "gateway", name: "edge" } },
  },
  {
    name: "otlp-log",
    about: [
      "base with the access log in OTLP, to the collector: each record has the trace id and the span id of its span. Istio 1.29 and later.",
      "What is in it stands in helm/values.yaml.",
    ],
    request: { accessLog: PROVIDERS.otlpLog },
  },
  {
    name: "old-proxies",
    about: [
      "For proxies of Istio 1.22 to 1.28, whose custom tags cannot read filter state: the filter writes request headers, and the tags read those.",
      "The headers travel upstream. For the access log take helm/values-old-proxies.yaml.",
    ],
    request: { istioVersion: "1.28", envoyVersion: "1.36" },
  },
  {
    name: "traffic-extension",
    about: ["The filter as TrafficExtension, which supersedes WasmPlugin. Istio 1.30 and later; before that there is no such kind."],
    request: {},
    instead: {
      target: "traffic-extension",
      file: "traffic-extension.yaml",
      about: ["The filter, in the place of base's WasmPlugin.", ...IMAGE_NOTE],
    },
  },
  {
    name: "envoy-filter",
    about: [
      "The filter by EnvoyFilter, on inbound connections of sidecars: a VM of its own, and no more capabilities than it uses, which WasmPlugin cannot say.",
      "Istio 1.29 to 1.31: from Envoy 1.40 on the place of capability_restriction_config is deprecated, and still read.",
    ],
    request: {},
    instead: ENVOY_FILTER,
  },
  {
    name: "skip-unsampled",
    about: [
      "The filter by EnvoyFilter, on inbound connections of sidecars, behind a matcher: requests whose span is not exported do not reach it.",
      "They have no attributes in the access log, either. Where no proxy is older than Istio 1.31, meshwright manifest --istio-version 1.31 makes a matcher that spares more.",
    ],
    request: { skipUnsampled: true, istioVersion: "1.29" },
    instead: ENVOY_FILTER,
  },
];

/** What differs from the base. */
export function overlays(build: Build): SetFile[] {
  const before = manifests("istio", baseRequest(build));
  return OVERLAYS.flatMap(overlay =>
    files(overlay, before, manifests(overlay.instead?.target ?? "istio", baseRequest(build, overlay.request))),
  );
}

type Documents = readonly Record<string, unknown>[];

function files({ name, about, namespace, instead }: Overlay, before: Documents, after: Documents): SetFile[] {
  const folder = `istio/overlays/${name}`;
  const extra: SetFile[] = [];
  const patches: Patch[] = [];
  const add = (file: string, note: readonly string[], document: unknown): void => {
    extra.push({ path: `${folder}/${file}`, about: note, documents: [document] });
  };
  if (instead) {
    add(instead.file, instead.about, after[0]);
    const { apiVersion, kind, metadata } = before[0] as Record<string, unknown>;
    add("without-wasm-plugin.yaml", ["Takes base's WasmPlugin away."], { $patch: "delete", apiVersion, kind, metadata });
    patches.push({ path: "without-wasm-plugin.yaml" });
  }
  for (const [index, document] of before.entries()) {
    const other = after[index] as Record<string, unknown>;
    const operations = document.kind === other.kind ? specPatch(document, other) : [];
    if (operations.length === 0) continue;
    const kind = document.kind as string;
    const file = `${kind === "WasmPlugin" ? "wasm-plugin" : "telemetry"}.patch.yaml`;
    add(file, [`What is different in base's ${kind}.`], operations);
    patches.push({ path: file, target: { kind, name: (document.metadata as { name: string }).name } });
  }
  const resources = ["../../base", ...(instead ? [instead.file] : [])];
  const document = kustomization({ ...(namespace ? { namespace } : {}), resources, patches });
  return [{ path: `${folder}/kustomization.yaml`, about, documents: [document] }, ...extra];
}
