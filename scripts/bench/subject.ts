import type { FilterSpec } from "../envoy-config/index.ts";

/** What a measured filter does with a request: the task that is compared, nothing, or one header added. */
export const PROGRAMS = ["task", "empty", "add"] as const;
export type Program = (typeof PROGRAMS)[number];

/** One thing that is measured: Envoy with this filter, above Envoy without it. */
export interface Subject {
  /** As on the command line and in the JSON: `mesh-telemetry`, `c`, `rust`. */
  readonly name: string;
  /** As in tables. */
  readonly label: string;
  readonly program: Program;
  readonly filter: FilterSpec;
  /** Whether it is what the bench is about, and not something to compare it with. */
  readonly own: boolean;
  /** The same module with another configuration, on a listener without traffic: so that the VM has two. */
  readonly other?: FilterSpec;
}

/** The module's file, or null for a filter of Envoy's own. */
export function moduleOf(subject: Subject): string | null {
  return "wasm" in subject.filter ? subject.filter.wasm : null;
}

/** As it stands beside others: the program is only said where it is not the task. */
export function titleOf({ label, program }: Pick<Subject, "label" | "program">): string {
  return program === "task" ? label : `${label}, ${program}`;
}
