import type { Shot } from "./traffic.ts";

export const SERVICES = ["frontend", "user-service", "order-service"] as const;

/** On every span and every line, whoever asked. */
const ALWAYS = { "app.version": "v1.2.3", "deployment.environment": "production" };

/** The demo claimed something that is not so. */
export class ClaimError extends Error {}

export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new ClaimError(otherwise);
}

/** `found` is a span's attributes or an access log line; absent is undefined in the one and null in the other. */
export function checkAttributes(shot: Shot, found: Record<string, unknown>, where: string): void {
  for (const [name, value] of Object.entries({ ...ALWAYS, ...shot.expected })) {
    const actual = found[name] ?? null;
    check(actual === value, `${shot.title}: ${where} has ${name}=${String(actual)}, expected ${value ?? "none"}`);
  }
  const cluster = where.includes("order-service") ? "cluster-b" : "cluster-a";
  check(
    found["cluster.name"] === cluster,
    `${shot.title}: ${where} has cluster.name=${String(found["cluster.name"])}, expected ${cluster}`,
  );
}
