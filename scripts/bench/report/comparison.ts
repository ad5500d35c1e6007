import { CHAIN } from "../compare.ts";
import type { BenchResult, Part, SubjectResult } from "../result.ts";
import type { Spread } from "../statistics.ts";
import { TRAFFICS, type Traffic } from "../traffic.ts";
import { type Cell, decimal, grouped, table, withRatio } from "./table.ts";

/** The result as Markdown: a section for each part that was measured, each with the command that measures it again. */
export function comparisonMarkdown(result: BenchResult): string {
  const sections: [Part, string, string][] = [
    [
      "instructions",
      "Instructions per request above Envoy without a filter; in brackets times the floor, the better of both C filters",
      instructionTables(result),
    ],
    ["cpu", `CPU time per request and filter, ${CHAIN} filters in a chain`, cpuTable(result)],
    ["load", "Requests per second and latency, one filter", loadTable(result)],
    ["hostcalls", "What one request crosses between host and module", hostcallTable(result)],
    ["start", "Time to the first answer, above Envoy without a filter", startTable(result)],
    ["memory", "Envoy's memory", memoryTable(result)],
  ];
  const shown = sections.filter(([, , text]) => text !== "");
  const parts = shown.map(([part, title, text]) =>
    [`### ${title}`, command(result.commands[part]), text].filter(each => each).join("\n\n"),
  );
  return [...parts, missingList(result), conditions(result)].filter(each => each !== "").join("\n\n");
}

function command(line: string | undefined): string {
  return line ? `\`${line}\`` : "";
}

function conditions({ envoy, machine, date }: BenchResult): string {
  return `Envoy ${envoy}, one worker; ${machine}; ${date}.`;
}

function missingList({ missing }: BenchResult): string {
  if (missing.length === 0) return "";
  return ["Not measured:", ...missing.map(({ label, reason }) => `- ${label}: ${reason}`)].join("\n");
}

/** The better of the C filters for a kind of traffic; absent when neither was measured. */
export function floorOf(subjects: readonly SubjectResult[], traffic: Traffic, program = "task"): number | undefined {
  const known = subjects
    .filter(({ name, program: its }) => (name === "c" || name === "c-single") && its === program)
    .flatMap(({ instructions }) => instructions?.[traffic] ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

function instructionTables({ subjects, without }: BenchResult): string {
  const measured = subjects.filter(({ instructions }) => instructions !== undefined);
  if (measured.length === 0) return "";
  const traffics = TRAFFICS.filter(traffic => measured.some(({ instructions }) => instructions?.[traffic] !== undefined));
  const cells = (entry: SubjectResult): Cell[] =>
    traffics.map(traffic => withRatio(entry.instructions?.[traffic], floorOf(subjects, traffic)));
  const tasks = measured.filter(({ program }) => program === "task");
  const base: Cell[] = ["_Envoy without a filter_", ...traffics.map(traffic => without.instructions?.[traffic])];
  const both = [table(["the task", ...traffics], [...tasks.map(entry => [entry.label, ...cells(entry)]), base])];
  const small = smallPrograms(subjects);
  if (small.length > 0) both.push(table(["traffic hit", "empty filter", "one header added"], small));
  return both.join("\n\n");
}

/** The one table that the README shows. */
export function summaryMarkdown(result: BenchResult): string {
  return [instructionTables(result), command(result.commands.instructions)].filter(each => each !== "").join("\n\n");
}

function smallPrograms(subjects: readonly SubjectResult[]): Cell[][] {
  const hit = (name: string, program: string): number | undefined =>
    subjects.find(each => each.name === name && each.program === program)?.instructions?.hit;
  const names = [...new Set(subjects.filter(({ program }) => program !== "task").map(({ name }) => name))];
  return names
    .filter(name => hit(name, "empty") !== undefined || hit(name, "add") !== undefined)
    .map(name => {
      const label = subjects.find(each => each.name === name)?.label ?? name;
      return [label, ...["empty", "add"].map(program => withRatio(hit(name, program), floorOf(subjects, "hit", program)))];
    });
}

function cpuTable({ subjects, without }: BenchResult): string {
  const measured = subjects.filter(({ cpu }) => cpu);
  if (measured.length === 0) return "";
  const own = subjects.find(subject => subject.own)?.label ?? "the module";
  const rows = measured.map(({ label, cpu }): Cell[] => [label, spread(cpu?.microseconds), spread(cpu?.overC), spread(cpu?.ownOverThis)]);
  const base = without.cpuMicroseconds === undefined ? "" : `\n\nEnvoy without a filter: ${decimal(without.cpuMicroseconds)} µs a request.`;
  return table(["median (quarter below, quarter above)", "µs", "times C", `${own} over this`], rows) + base;
}

function spread(value: Spread | null | undefined): Cell {
  return value ? `${decimal(value.median)} (${decimal(value.low)}, ${decimal(value.high)})` : null;
}

function loadTable({ subjects, without }: BenchResult): string {
  const generators = [...new Set([without, ...subjects].flatMap(({ load }) => Object.keys(load ?? {})))];
  const names: Record<string, string> = { wrk: "wrk, HTTP/1.1", h2load: "h2load, HTTP/2" };
  return generators
    .map(generator => {
      const cells = (label: string, load: SubjectResult["load"]): Cell[] => {
        const figures = load?.[generator];
        return [label, figures?.requestsPerSecond, decimal(figures?.p50), decimal(figures?.p99)];
      };
      const measured = subjects.filter(({ load }) => load?.[generator]);
      const rows = [cells("_Envoy without a filter_", without.load), ...measured.map(({ label, load }) => cells(label, load))];
      return table([names[generator] ?? generator, "requests/s", "p50 ms", "p99 ms"], rows);
    })
    .join("\n\n");
}

function hostcallTable({ subjects }: BenchResult): string {
  const measured = subjects.filter(({ program, size }) => program === "task" && size);
  if (measured.length === 0) return "";
  const traffics = TRAFFICS.filter(traffic => measured.some(({ crossings }) => crossings?.[traffic]));
  const rows = measured.map(({ label, crossings, size }): Cell[] => [
    label,
    ...traffics.map(traffic => {
      const seen = crossings?.[traffic];
      return seen ? `${seen.hostcalls} / ${seen.allocations} / ${seen.callbacks}` : null;
    }),
    size?.bytes,
    size?.withoutCustom,
  ]);
  const head = ["hostcalls / allocations by the host / callbacks", ...traffics, ".wasm bytes", "without custom sections"];
  return table(head, rows);
}

function startTable({ subjects, without }: BenchResult): string {
  const rows = subjects.filter(({ startMs }) => startMs !== undefined).map(({ label, startMs }): Cell[] => [label, decimal(startMs)]);
  if (rows.length === 0) return "";
  const base = without.startMs === undefined ? "" : `\n\nEnvoy without a filter: ${grouped(without.startMs)} ms.`;
  return table(["", "ms"], rows) + base;
}

function memoryTable({ subjects, without }: BenchResult): string {
  const at = (without.memory ?? subjects.find(({ memory }) => memory)?.memory ?? []).map(({ requests }) => requests);
  if (at.length === 0) return "";
  const cells = (label: string, memory: SubjectResult["memory"]): Cell[] => [
    label,
    ...(memory ?? []).map(({ rssKiB }) => rssKiB),
    memory?.at(-1)?.wasmKiB.map(grouped).join(", ") || null,
  ];
  const measured = subjects.filter(({ memory }) => memory);
  const rows = [...measured.map(({ label, memory }) => cells(label, memory)), cells("_Envoy without a filter_", without.memory)];
  const head = ["resident KiB after", ...at.map(requests => `${grouped(requests)} requests`), "Wasm KiB of each VM"];
  return table(head, rows);
}
