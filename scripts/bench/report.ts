import { basename } from "node:path";
import { CONNECTIONS, type MemorySample } from "./memory.ts";
import { C_FLOOR, type Traffic } from "./traffic.ts";

export interface InstructionResult {
  traffic: Traffic;
  without: number;
  with: number;
}

export function instructionTitle(modules: readonly string[], envoy: string): string {
  return [
    `${named(modules)} on Envoy ${envoy}: user-mode instructions of the worker per request, by callgrind`,
    row("traffic", "no filter", "with", "above no filter", "x hand-written C"),
  ].join("\n");
}

export function instructionRow(result: InstructionResult): string {
  const above = result.with - result.without;
  const floor = C_FLOOR[result.traffic];
  return row(
    result.traffic,
    grouped(result.without),
    grouped(result.with),
    grouped(above),
    `${(above / floor).toFixed(3)} (${grouped(floor)})`,
  );
}

export function memoryTitle(modules: readonly string[], envoy: string): string {
  return [
    `${named(modules)} on Envoy ${envoy}: memory over requests, ${CONNECTIONS} at once`,
    row("requests", "VmRSS KiB", "Wasm KiB"),
  ].join("\n");
}

export function memoryRow({ requests, rssKiB, wasmKiB }: MemorySample): string {
  return row(grouped(requests), grouped(rssKiB), counted(wasmKiB));
}

function named(modules: readonly string[]): string {
  return modules.map(file => basename(file, ".wasm")).join(" + ");
}

/** `3 x 128`: equal ones together. */
function counted(sizes: readonly number[]): string {
  const times = new Map<number, number>();
  for (const size of sizes) times.set(size, (times.get(size) ?? 0) + 1);
  return [...times].map(([size, count]) => `${count} x ${grouped(size)}`).join(", ");
}

function row(first: string, ...cells: string[]): string {
  return `${first.padEnd(10)} ${cells.map(cell => cell.padStart(16)).join(" ")}`.trimEnd();
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
