import type { ManifestRequest, ModuleEdges } from "../manifests/index.ts";
import { defaultFailurePolicy } from "../manifests/index.ts";
import { LITERAL_CONFIG, MESH_CONFIG, MESH_TAGS, METRIC_TAGS, POD_TAG, PROVIDERS, REGISTRY, SAMPLING } from "./spec.ts";

/** What the set is made from beside its specification. */
export interface Build {
  /** Of the package: the images' tag. */
  readonly version: string;
  /** Imports and exports of a built filter. */
  edges(filter: string): ModuleEdges;
  /** A file of the repository. */
  text(path: string): string;
}

const ISTIO = "1.31";

/** A filter for the whole mesh. */
export function meshRequest(build: Build, filter: string, more: Partial<ManifestRequest> = {}): ManifestRequest {
  return {
    filter,
    namespace: "istio-system",
    config: undefined,
    edges: build.edges(filter),
    code: { from: "image", url: `${REGISTRY}/${filter}:${build.version}`, sha256: null },
    failurePolicy: defaultFailurePolicy(filter),
    runtime: "v8",
    phase: "STATS",
    context: "SIDECAR_INBOUND",
    scope: { kind: "all" },
    istioVersion: ISTIO,
    // Istio 1.31's, as its oldest reader.
    envoyVersion: "1.39",
    ...more,
  };
}

/** The base: mesh-telemetry everywhere. */
export function baseRequest(build: Build, more: Partial<ManifestRequest> = {}): ManifestRequest {
  return meshRequest(build, "mesh-telemetry", {
    config: MESH_CONFIG,
    tags: [...MESH_TAGS, POD_TAG],
    provider: PROVIDERS.tracing,
    sampling: SAMPLING,
    accessLog: PROVIDERS.log,
    metricTags: METRIC_TAGS,
    ...more,
  });
}

/** Literals on the spans of one workload. */
export function literalRequest(build: Build): ManifestRequest {
  return meshRequest(build, "span-attributes", {
    name: "custom-span-attributes",
    namespace: "shop",
    scope: { kind: "labels", labels: { app: "checkout" } },
    config: LITERAL_CONFIG,
    provider: PROVIDERS.tracing,
  });
}
