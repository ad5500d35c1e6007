export interface Patch {
  readonly path: string;
  readonly target?: { readonly kind: string; readonly name: string };
}

/** A Kustomization. */
export function kustomization(fields: {
  namespace?: string;
  resources: readonly string[];
  patches?: readonly Patch[];
}): Record<string, unknown> {
  return { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", ...fields };
}
