import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The definition of a kind, in one version. */
export interface Crd {
  readonly apiVersion: string;
  readonly kind: string;
  /** OpenAPI, as Kubernetes has it. */
  readonly schema: Schema;
}

export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message?: string }[];
  readonly [keyword: string]: unknown;
}

export interface Crds {
  /** Where they come from: `istio.io/api@v1.31.1`. */
  readonly source: string;
  readonly kinds: readonly Crd[];
}

/** Reads what the build took from Istio; null where it was built without. `folder` is the package's. */
export function loadCrds(folder: string): Crds | null {
  try {
    return JSON.parse(readFileSync(join(folder, "dist", "istio-crds.json"), "utf8")) as Crds;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
