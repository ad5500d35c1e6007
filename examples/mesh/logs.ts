import type { AccessLogEntry } from "meshwright/testing";
import { type Mesh, SHOWN } from "./mesh.ts";
import { isOf, type Sent } from "./traffic.ts";
import { check, checkAttributes, SERVICES } from "./verify.ts";

interface Line {
  where: string;
  entry: AccessLogEntry;
}

/** Hops of one request per listener; /checkout makes one call to user-service and two to order-service. */
const HOPS: Record<string, { ingress: number; egress: number }> = {
  frontend: { ingress: 1, egress: 2 },
  "user-service": { ingress: 1, egress: 1 },
  "order-service": { ingress: 2, egress: 0 },
};

/** How many lines each log has now, so that a later look begins behind them. */
export async function marks(mesh: Mesh): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { service, envoy } of mesh.sidecars) {
    for (const listener of ["ingress", "egress"]) found.set(`${service.name} ${listener}`, (await envoy.accessLog(listener)).length);
  }
  return found;
}

/** Shows a request's way by the access logs of the three Envoys alone, and verifies it. */
export async function showLogs(mesh: Mesh, before: Map<string, number>, sent: readonly Sent[]): Promise<void> {
  const lines = await linesSince(mesh, before, sent.length);
  for (const one of sent) {
    const own = lines.filter(({ entry }) => isOf(one, entry.request_id));
    own.sort((a, b) => Number(a.entry.start) - Number(b.entry.start));
    console.log(`\n${one.shot.title}`);
    console.log(`  trace ${[...new Set(own.map(({ entry }) => String(entry.trace_id)))].join(", ")}`);
    for (const { where, entry } of own)
      console.log(`  ${where.padEnd(22)} span ${entry.span_id} ${String(entry.path).padEnd(15)}  ${attributesOf(entry)}`);
    verifyLines(one, own);
  }
}

async function linesSince(mesh: Mesh, before: Map<string, number>, requests: number): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { service, envoy } of mesh.sidecars) {
    for (const listener of ["ingress", "egress"] as const) {
      const where = `${service.name} ${listener}`;
      const skip = before.get(where) ?? 0;
      const entries = await envoy.waitForAccessLog(skip + requests * (HOPS[service.name]?.[listener] ?? 0), listener);
      lines.push(...entries.slice(skip).map(entry => ({ where, entry })));
    }
  }
  return lines;
}

function attributesOf(entry: AccessLogEntry): string {
  return SHOWN.filter(name => entry[name] !== null)
    .map(name => `${name}=${entry[name]}`)
    .join(" ");
}

function verifyLines({ shot }: Sent, lines: readonly Line[]): void {
  const ids = new Set(lines.map(({ entry }) => entry.trace_id));
  check(ids.size === 1, `${shot.title}: ${ids.size} trace ids in the access logs, expected one`);
  check(/^[0-9a-f]{32}$/.test(String([...ids][0])), `${shot.title}: "${[...ids][0]}" in the access logs is no trace id`);
  const spans = new Set(lines.map(({ entry }) => entry.span_id));
  check(spans.size === lines.length, `${shot.title}: ${lines.length} hops share ${spans.size} span ids, expected one each`);
  for (const service of SERVICES) {
    check(
      lines.some(({ where }) => where.startsWith(service)),
      `${shot.title}: no line in the access log of ${service}`,
    );
  }
  for (const { where, entry } of lines) checkAttributes(shot, entry, `access log of ${where}`);
}
