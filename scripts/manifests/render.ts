import { isMap, isScalar } from "yaml";
import { metricLabels, yamlDocument, yamlText } from "../envoy-config/index.ts";
import { behindTracerConfig } from "./behind-tracer.ts";
import { envoyBlocks } from "./envoy-blocks.ts";
import { envoyFilter } from "./envoy-filter.ts";
import { trafficExtension, wasmPlugin } from "./istio-plugin.ts";
import { meshProviders } from "./mesh-providers.ts";
import { ManifestError, type ManifestRequest, type Target } from "./request.ts";
import { envoyTags, istioTags } from "./span-tags.ts";
import { withStaticTags } from "./static-tags.ts";
import { telemetry } from "./telemetry.ts";

/** The manifests for a target, as plain objects in the order in which they are printed. */
export function manifests(target: Target, asked: ManifestRequest): Record<string, unknown>[] {
  const parted = asked.staticTags ? withStaticTags(asked) : asked;
  const request = parted.behindTracer ? { ...parted, config: behindTracerConfig(parted) } : parted;
  if (request.behindTracer && target !== "envoy" && target !== "envoyfilter") {
    throw new ManifestError("target", `${target} puts no filter into clusters; for --behind-tracer take target envoyfilter`);
  }
  if (request.skipUnsampled && target !== "envoy" && target !== "envoyfilter") {
    throw new ManifestError("target", `${target} puts no matcher before a filter; for --skip-unsampled take target envoyfilter`);
  }
  if (target === "envoy") {
    const { tags, config } = envoyTags(request);
    return [{ ...envoyBlocks(request, config, tags) }];
  }
  const { tags, config } = istioTags(request);
  if (target === "helm-values") return [meshProviders(request, tags)];
  const kinds = { istio: wasmPlugin, "traffic-extension": trafficExtension, envoyfilter: envoyFilter };
  const observing = telemetry(request, tags);
  return [kinds[target](request, config), ...(observing ? [observing] : [])];
}

/** What has to be set where no document reaches, for the head of the first one. */
export function remarks(target: Target, { filter, config }: ManifestRequest): string[] {
  const labels = target === "envoy" || target === "helm-values" ? [] : metricLabels(filter, config);
  if (labels.length === 0) return [];
  return [
    "Labels need this as well, in meshConfig.defaultConfig or in the annotation proxy.istio.io/config of the workloads; proxies read it when they start:",
    `extraStatTags: [${labels.join(", ")}]`,
  ];
}

/** Keys of Envoy's blocks that belong elsewhere than the others, into the HttpConnectionManager. */
const PLACES: Readonly<Record<string, string>> = {
  stats_config: "Bootstrap",
  typed_extension_protocol_options: "Every cluster that the routes name",
};

/** YAML with `---` between documents, and `head` as comment before the first. */
export function renderManifests(documents: readonly Record<string, unknown>[], head: readonly string[] = []): string {
  const comment = head.map(line => `# ${line}\n`).join("");
  return comment + documents.map(yaml).join("---\n");
}

function yaml(value: Record<string, unknown>): string {
  const document = yamlDocument(value);
  for (const { key } of isMap(document.contents) ? document.contents.items : []) {
    const place = isScalar(key) && PLACES[String(key.value)];
    if (isScalar(key) && place) key.commentBefore = ` ${place}`;
  }
  return yamlText(document);
}
