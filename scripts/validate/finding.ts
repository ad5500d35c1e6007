export type Keys = readonly (string | number)[];

/** What a check found, by the path of the value. */
export interface Finding {
  readonly keys: Keys;
  /** Path within a text that the value is, as in the JSON of a plugin configuration. */
  readonly inner?: string;
  readonly expected: string;
  readonly found: string;
  /** What follows from it, or what to do. */
  readonly hint?: string;
  /** Accepted by Istio and Envoy, and probably not what is meant. */
  readonly isWarning?: boolean;
}

/** A finding in its file. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `WasmPlugin istio-system/mesh-telemetry`; empty where the document is no object of Kubernetes. */
  readonly object: string;
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly hint?: string;
}

export function formatProblem({ severity, file, line, column, object, path, expected, found, hint }: Problem): string {
  const place = [object, path].filter(Boolean).join(": ") || "the document";
  const what = `expected ${expected}, found ${found}${hint ? `; ${hint}` : ""}`;
  return `${file}:${line}:${column}: ${severity === "warning" ? "warning: " : ""}${place}: ${what}`;
}
