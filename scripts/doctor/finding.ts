import type { FindingId } from "./catalog.ts";

/** error: requests fail, or what was asked for does not happen. warning: it soon will, or now and then. info: good to know. */
export type Severity = "error" | "warning" | "info";

/** Something that is wrong with a proxy. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** Paths of the resources that have it. */
  readonly where: readonly string[];
  readonly found: string;
  /** What to do about it. */
  readonly mend: string;
  /** What to write, as YAML; "" where there is nothing to write. */
  readonly change: string;
}

/** What a check reports; the catalog has the usual severity. */
export interface Report extends Omit<Finding, "severity" | "where" | "change"> {
  readonly severity?: Severity;
  readonly where: string;
  readonly change?: string;
}
