import type { Finding } from "./finding.ts";

const MARK = { error: "✗", warning: "!", info: "i" } as const;
/** More places than that are a number. */
const PLACES = 3;

/** A finding for the terminal. */
export function findingLines({ id, severity, where, found, mend, change }: Finding): string[] {
  const places = [...where.slice(0, PLACES), ...(where.length > PLACES ? [`and ${where.length - PLACES} more`] : [])];
  return [
    `${MARK[severity]} ${severity} ${id}: ${found}`,
    ...places.map(place => `    at ${place}`),
    `    → ${mend}`,
    ...change
      .trimEnd()
      .split("\n")
      .filter(Boolean)
      .map(line => `      ${line}`),
  ];
}
