import { stringify } from "yaml";
import { envoyBlocks } from "./envoy-blocks.ts";
import { envoyFilter } from "./envoy-filter.ts";
import { trafficExtension, wasmPlugin } from "./istio-plugin.ts";
import type { ManifestRequest, Target } from "./request.ts";
import { envoyTags, istioTags } from "./span-tags.ts";
import { telemetry } from "./telemetry.ts";

/** The manifests for a target, as plain objects in the order in which they are printed. */
export function manifests(target: Target, request: ManifestRequest): Record<string, unknown>[] {
  if (target === "envoy") {
    const { tags, config } = envoyTags(request);
    return [{ ...envoyBlocks(request, config, tags) }];
  }
  const { tags, config } = istioTags(request);
  const kinds = { istio: wasmPlugin, "traffic-extension": trafficExtension, envoyfilter: envoyFilter };
  const observing = telemetry(request, tags);
  return [kinds[target](request, config), ...(observing ? [observing] : [])];
}

/** YAML with `---` between documents. As 1.1, which Kubernetes and Envoy read: words such as yes are quoted. */
export function renderManifests(documents: readonly Record<string, unknown>[]): string {
  return documents.map(each => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" })).join("---\n");
}
