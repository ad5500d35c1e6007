import type { Axis, GrowthResult, GrowthRow } from "../growth.ts";
import { type Cell, table } from "./table.ts";

const TITLES: Readonly<Record<Axis, string>> = {
  headers: "Number of headers that the client sends",
  attributes: "Number of attributes: the first two from headers, the others constants",
  body: "Size of the request's body",
  streams: "Streams that are open meanwhile",
  chain: "The same filter several times in one chain",
  workers: "Workers; instructions of all of them, by the request",
};

/** A table for each axis: instructions per request above Envoy without a filter. */
export function growthMarkdown(result: GrowthResult, command: (axis: Axis) => string): string {
  const axes = Object.keys(TITLES) as Axis[];
  return axes
    .filter(axis => (result[axis] ?? []).length > 0)
    .map(axis => [`### ${TITLES[axis]}`, `\`${command(axis)}\``, growthTable(result[axis] ?? [])].join("\n\n"))
    .join("\n\n");
}

function growthTable(rows: readonly GrowthRow[]): string {
  const labels = [...new Set(rows.flatMap(({ above }) => Object.keys(above)))];
  const memory = [...new Set(rows.flatMap(({ wasmKiB }) => Object.keys(wasmKiB ?? {})))];
  const head = ["", "Envoy without a filter", ...labels, ...memory.map(label => `${label}, Wasm KiB`)];
  const cells = rows.map(({ point, without, above, wasmKiB }): Cell[] => [
    point,
    without,
    ...labels.map(label => above[label]),
    ...memory.map(label => wasmKiB?.[label]),
  ]);
  return table(head, cells);
}
