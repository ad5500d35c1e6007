import type { HostListener } from "./types.ts";

/** The listener of that name, for whoever speaks HTTP or TCP to it; throws where there is none, or one for the other. */
export function listenerNamed<T extends { spec: HostListener }>(all: ReadonlyMap<string, T>, name: string, speaks: "HTTP" | "TCP"): T {
  const found = all.get(name);
  if (!found) throw new Error(`there is no listener "${name}"; there is: ${[...all.keys()].join(", ")}`);
  const isTcp = found.spec.tcp !== undefined;
  if (speaks === "TCP" && !isTcp)
    throw new Error(`connect: the listener "${name}" speaks HTTP; give it tcp: "<cluster>", or use request()`);
  if (speaks === "HTTP" && isTcp)
    throw new Error(`request: the listener "${name}" passes TCP on (tcp: "${found.spec.tcp}"); use connect()`);
  return found;
}
