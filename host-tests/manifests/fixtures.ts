import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { readWasm } from "../../scripts/abi/index.ts";
import { type ManifestRequest, manifests, renderManifests, type Target } from "../../scripts/manifests/index.ts";

export const DIGEST = "5e".repeat(32);

/** A request with what the command has by default, for an image. */
export function request(filter: string, more: Partial<ManifestRequest> = {}): ManifestRequest {
  return {
    filter,
    namespace: "istio-system",
    config: undefined,
    edges: readWasm(readFileSync(`build/${filter}.wasm`)),
    code: { from: "image", url: "oci://registry.example/filter:1.0", sha256: DIGEST },
    failurePolicy: "closed",
    runtime: "v8",
    phase: "STATS",
    context: "SIDECAR_INBOUND",
    scope: { kind: "all" },
    istioVersion: "1.31",
    envoyVersion: "1.40.0",
    ...more,
  };
}

/** The documents of a target, there and back through YAML. */
// biome-ignore lint/suspicious/noExplicitAny: documents of four kinds, which the tests look into.
export function documents(target: Target, from: ManifestRequest): any[] {
  return renderManifests(manifests(target, from))
    .split(/^---$/m)
    .map(text => parse(text, { version: "1.1" }));
}
