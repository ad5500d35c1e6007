import { SERVICES } from "../services.ts";
import type { SidecarLoad, SidecarPart, SidecarResult } from "../sidecar.ts";
import type { SidecarInstructions } from "../sidecar-instructions.ts";
import type { Spread } from "../statistics.ts";
import { type Cell, decimal, grouped, table } from "./table.ts";

/** What a filter adds to a sidecar, compared with the same sidecar without filters; under each part what measures it again. */
export function sidecarMarkdown(
  { instructions, loads, missing }: SidecarResult,
  commands: Readonly<Partial<Record<SidecarPart, string>>>,
): string {
  const counted = instructions && [...instructions.map(countSection), `\`${commands.instructions}\``];
  const loaded = SERVICES.flatMap(({ name, label }) => {
    const measured = loads[name];
    return measured ? [...measured.map((load, i) => loadSection(load, label, measured[i - 1])), `\`${commands[name]}\``] : [];
  });
  const notes = missing.map(reason => `Not measured: ${reason}.`);
  return [...(counted ?? []), ...loaded, ...notes].join("\n\n");
}

function countSection({ sidecar, without, filters }: SidecarInstructions): string {
  const rows = filters.map(({ label, added }): Cell[] => [label, added, `${((100 * added) / without).toFixed(1)} %`]);
  const head = ["instructions per request", "added", "of the sidecar's"];
  return `### ${sidecar.replace(/^a/, "A")}, instructions\n\n${table(head, rows)}\n\nWithout filters: ${grouped(without)}.`;
}

function loadSection({ sidecar, how, without, filters }: SidecarLoad, service: string, before: SidecarLoad | undefined): string {
  const rows = filters.map(({ label, throughput, p50, p99, cpu }): Cell[] => [label, ...[throughput, p50, p99, cpu].map(percent)]);
  const base = [
    `${grouped(without.requestsPerSecond)} requests/s`,
    `p50 ${decimal(without.p50)} ms`,
    `p99 ${decimal(without.p99)} ms`,
    `${decimal(without.cpuMicroseconds)} µs of the sidecar's CPU`,
  ].join(", ");
  const head = [how, "time per request", "p50", "p99", "CPU of the sidecar"];
  const title = before?.sidecar === sidecar ? "" : `### In front of ${service}, ${sidecar}\n\n`;
  return `${title}${table(head, rows)}\n\nWithout filters: ${base}.`;
}

/** `+3.1 % (+2.0, +4.4)`: the median of the rounds, and the quarters below and above. */
function percent(value: Spread | null): Cell {
  if (!value) return null;
  const text = (ratio: number): string => `${ratio >= 1 ? "+" : ""}${((ratio - 1) * 100).toFixed(1)}`;
  return `${text(value.median)} % (${text(value.low)}, ${text(value.high)})`;
}
