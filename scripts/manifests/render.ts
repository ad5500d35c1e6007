import { stringify } from "yaml";
import { compareVersions } from "../envoy/versions.ts";
import { envoyBlocks } from "./envoy-blocks.ts";
import { envoyFilter } from "./envoy-filter.ts";
import { trafficExtension, wasmPlugin } from "./istio-plugin.ts";
import type { ManifestRequest, Target } from "./request.ts";
import { spanTags } from "./span-tags.ts";
import { telemetry } from "./telemetry.ts";

/** The first versions whose custom tags read filter state. */
const READS_FILTER_STATE = { istio: "1.29", envoy: "1.37" };

/** The manifests for a target, as plain objects in the order in which they are printed. */
export function manifests(target: Target, request: ManifestRequest): Record<string, unknown>[] {
  const readsFilterState =
    target === "envoy"
      ? compareVersions(request.envoyVersion, READS_FILTER_STATE.envoy) >= 0
      : compareVersions(request.istioVersion, READS_FILTER_STATE.istio) >= 0;
  const { tags, config } = spanTags(request.filter, request.config, readsFilterState);
  if (target === "envoy") return [envoyBlocks(request, config, tags)];
  const kinds = { istio: wasmPlugin, "traffic-extension": trafficExtension, envoyfilter: envoyFilter };
  const tracing = telemetry(request, tags);
  return [kinds[target](request, config), ...(tracing ? [tracing] : [])];
}

/** YAML with `---` between documents. As 1.1, which Kubernetes and Envoy read: words such as yes are quoted. */
export function renderManifests(documents: readonly Record<string, unknown>[]): string {
  return documents.map(each => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" })).join("---\n");
}
