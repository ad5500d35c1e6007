import type { ManifestRequest, Scope } from "./request.ts";

/** What every object of Kubernetes begins with. */
export function object(apiVersion: string, kind: string, request: ManifestRequest, spec: object): Record<string, unknown> {
  return { apiVersion, kind, metadata: { name: request.name ?? objectName(request.filter), namespace: request.namespace }, spec };
}

/** `selector` or `targetRefs`, of which Istio allows one; neither: all proxies of the namespace. */
export function selection(scope: Scope): Record<string, unknown> {
  if (scope.kind === "labels") return { selector: { matchLabels: scope.labels } };
  return targetRefs(scope);
}

/** EnvoyFilter calls it differently. */
export function workloadSelection(scope: Scope): Record<string, unknown> {
  if (scope.kind === "labels") return { workloadSelector: { labels: scope.labels } };
  return targetRefs(scope);
}

function targetRefs(scope: Scope): Record<string, unknown> {
  if (scope.kind !== "gateway") return {};
  return { targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: scope.name }] };
}

/** A DNS label: small letters, digits, `-`. */
export function objectName(filter: string): string {
  const name = filter.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  return name.slice(0, 63).replace(/^-+|-+$/g, "") || "filter";
}
