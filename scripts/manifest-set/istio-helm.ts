import { type ManifestRequest, manifests, metricLabels } from "../manifests/index.ts";
import { type Build, baseRequest, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { IDS_CONFIG, METRICS_CONFIG } from "./spec.ts";

interface Values {
  readonly meshConfig: { readonly enableTracing?: boolean; readonly extensionProviders: readonly object[] };
}

const HOW = [
  "Values for Istio's chart istiod: helm upgrade istiod istio/istiod -n istio-system --reuse-values -f this-file",
  "Where your values have a list of extensionProviders, add these to it: Helm replaces lists.",
];
const COLLECTOR_NOTE = "Change: service and port of your collector. It takes OTLP over gRPC.";

/** The mesh's providers of tracing and access logs. */
export function helmValues(build: Build): SetFile[] {
  return [
    {
      path: "istio/helm/values.yaml",
      about: [
        "What base and the overlays trace and log to.",
        ...HOW,
        "Istio 1.31 and later: the Envoy of older ones may refuse %SPAN_ID%, and with it the listener.",
        COLLECTOR_NOTE,
      ],
      documents: [values(build, baseRequest(build))],
    },
    {
      path: "istio/helm/values-1.29.yaml",
      about: ["The same for Istio 1.29 and 1.30: the log shows the span id within traceparent.", ...HOW, COLLECTOR_NOTE],
      documents: [values(build, baseRequest(build, { envoyVersion: "1.37" }))],
    },
    {
      path: "istio/helm/values-old-proxies.yaml",
      about: [
        "The same for overlays/old-proxies: the log reads the request headers that the filter writes.",
        ...HOW,
        "Istio 1.22 to 1.28.",
        COLLECTOR_NOTE,
      ],
      documents: [values(build, baseRequest(build, { istioVersion: "1.28", envoyVersion: "1.30" }))],
    },
    {
      path: "istio/helm/values-tenant-metrics.yaml",
      about: [
        "The labels of tenant-metrics/, which proxies take out of the metrics' names by these rules; they read them when they start.",
        "Values for Istio's chart istiod beside the others: helm upgrade … -f values.yaml -f this-file. Istio 1.22 and later.",
        "For one workload: its annotation proxy.istio.io/config with extraStatTags. Change: the list, where labels in the plugin are others.",
      ],
      documents: [{ meshConfig: { defaultConfig: { extraStatTags: metricLabels("tenant-metrics", METRICS_CONFIG) } } }],
    },
  ];
}

function values(build: Build, request: ManifestRequest): Record<string, unknown> {
  const ids = meshRequest(build, "trace-context", { config: IDS_CONFIG, tracer: false });
  const [own, without] = [request, ids].map(each => manifests("helm-values", each)[0] as unknown as Values) as [Values, Values];
  return {
    meshConfig: { ...own.meshConfig, extensionProviders: [...own.meshConfig.extensionProviders, ...without.meshConfig.extensionProviders] },
  };
}
