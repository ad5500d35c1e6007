import { describe, expect, it } from "vitest";
import { commandLine } from "../../scripts/bench/command-line.ts";
import { merged } from "../../scripts/bench/outcome.ts";
import { progressLine } from "../../scripts/bench/progress.ts";
import { chart } from "../../scripts/bench/report/chart.ts";
import { comparisonMarkdown, floorOf } from "../../scripts/bench/report/comparison.ts";
import { growthMarkdown } from "../../scripts/bench/report/growth.ts";
import { replaceBetween } from "../../scripts/bench/report/publish.ts";
import { sidecarMarkdown } from "../../scripts/bench/report/sidecar.ts";
import { table } from "../../scripts/bench/report/table.ts";
import type { BenchResult, SubjectResult } from "../../scripts/bench/result.ts";

const own: SubjectResult = { name: "it", label: "it", program: "task", own: true, instructions: { hit: 44_000, miss: 30_000 } };
const c: SubjectResult = { name: "c", label: "C", program: "task", own: false, instructions: { hit: 40_000, miss: 33_000 } };
const single: SubjectResult = { name: "c-single", label: "C, single", program: "task", own: false, instructions: { miss: 25_000 } };
const RESULT: BenchResult = {
  envoy: "1.40.0",
  machine: "2 x a processor",
  date: "2026-01-01",
  without: { instructions: { hit: 90_000, miss: 80_000 } },
  subjects: [own, c, single],
  missing: [{ name: "go", label: "Go SDK", reason: "go is not on PATH; install Go 1.24 or later" }],
  commands: { instructions: "npm run bench -- --only instructions" },
};

describe("the bench's report", () => {
  it("sets each cost beside the better of the C filters, and the command beside the table", () => {
    const text = comparisonMarkdown(RESULT);
    expect(text).toContain("`npm run bench -- --only instructions`");
    expect(text).toMatch(/\| it +\| 44,000 \(1\.10\) \| 30,000 \(1\.20\) \|/);
    expect(floorOf(RESULT.subjects, "miss")).toBe(25_000);
    expect(text).not.toContain("CPU time");
  });

  it("names what is missing and why", () => {
    expect(comparisonMarkdown(RESULT)).toContain("- Go SDK: go is not on PATH; install Go 1.24 or later");
  });

  it("shows every part that was measured", () => {
    const spread = { median: 2.2, low: 2.1, high: 2.4 };
    const whole: SubjectResult = {
      ...own,
      cpu: { microseconds: spread, overC: spread, ownOverThis: null },
      load: { wrk: { requestsPerSecond: 30_000, p50: 0.5, p99: 1.5 } },
      crossings: { hit: { hostcalls: 6, allocations: 1, callbacks: 1 } },
      size: { bytes: 20_000, withoutCustom: 15_000 },
      startMs: 16.4,
      memory: [{ requests: 100_000, rssKiB: 86_600, wasmKiB: [128, 128] }],
    };
    const text = comparisonMarkdown({ ...RESULT, subjects: [whole] });
    expect(text).toMatch(/\| it +\| 2\.20 \(2\.10, 2\.40\) +\|/);
    expect(text).toMatch(/\| it +\| +30,000 \| +0\.50 \| +1\.50 \|/);
    expect(text).toMatch(/\| it +\| 6 \/ 1 \/ 1 \| +20,000 \|/);
    expect(text).toMatch(/\| it +\| 16\.4 \|/);
    expect(text).toMatch(/\| it +\| +86,600 \| +128, 128 \|/);
  });

  it("draws a bar for each, shortest first, with text that is no markup", () => {
    const svg = chart({ ...RESULT, subjects: [own, { ...c, label: "C <3" }] });
    expect(svg?.match(/<rect/g)).toHaveLength(2);
    expect(svg).toContain("C &lt;3");
    expect(svg?.indexOf("C &lt;3")).toBeLessThan(svg?.indexOf(">it<") ?? 0);
    expect(chart({ ...RESULT, subjects: [] })).toBeNull();
  });

  it("lines up tables and shows what is absent as a dash", () => {
    expect(
      table(
        ["a", "b"],
        [
          ["x|y", 1234],
          ["z", null],
        ],
      ),
    ).toBe(["| a    |     b |", "| ---- | ----: |", "| x\\|y | 1,234 |", "| z    |     - |"].join("\n"));
  });

  it("shows growth with the command for each axis", () => {
    const rows = [{ point: "1 worker", without: 90_000, above: { it: 44_000 }, wasmKiB: { it: 256 } }];
    const text = growthMarkdown({ workers: rows }, axis => `bench --growth ${axis}`);
    expect(text).toContain("`bench --growth workers`");
    expect(text).toMatch(/\| 1 worker \| +90,000 \| +44,000 \| +256 \|/);
  });

  it("shows a sidecar's overhead in percent", () => {
    const spread = { median: 1.031, low: 1.02, high: 1.044 };
    const load = {
      sidecar: "a sidecar",
      how: "wrk",
      without: { requestsPerSecond: 20_000, p50: 0.5, p99: 1, cpuMicroseconds: 40 },
      filters: [{ label: "it", throughput: spread, p50: spread, p99: { median: 0.99, low: 0.9, high: 1.1 }, cpu: spread }],
    };
    const instructions = [{ sidecar: "a sidecar", without: 200_000, filters: [{ label: "it", added: 9_000 }] }];
    const result = { instructions, loads: { node: [load, load] }, missing: ["h2load is not on PATH"] };
    const text = sidecarMarkdown(result, { instructions: "bench --sidecar instructions", node: "bench --sidecar node" });
    expect(text).toContain("### A sidecar, instructions");
    expect(text).toMatch(/\| it +\| +9,000 \| +4\.5 % \|/);
    expect(text).toContain("Without filters: 200,000.");
    expect(text.match(/### In front of a service in Node that answers at once, a sidecar\n/g)).toHaveLength(1);
    expect(text).toMatch(/Without filters: 200,000\.\n\n`bench --sidecar instructions`\n[\s\S]*\n`bench --sidecar node`\n/);
    expect(text).toContain("+3.1 % (+2.0, +4.4)");
    expect(text).toContain("-1.0 % (-10.0, +10.0)");
    expect(text).toContain("Not measured: h2load is not on PATH.");
  });
});

describe("the bench's published tables", () => {
  it("go between their marks, and nowhere else", () => {
    const document = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";
    expect(replaceBetween(document, "x", "new", "d.md")).toBe("a\n<!-- bench:x -->\n\nnew\n\n<!-- /bench:x -->\nb\n");
    expect(() => replaceBetween(document, "y", "new", "d.md")).toThrow(/d\.md has no lines <!-- bench:y -->/);
  });

  it("keep the parts that were not measured again", () => {
    const published = { ...RESULT, subjects: [{ ...own, startMs: 9 }, c] };
    const now: BenchResult = {
      ...RESULT,
      subjects: [{ ...own, instructions: { hit: 41_000 } }],
      missing: [],
      commands: { instructions: "again" },
    };
    const all = merged(published, now);
    expect(all.subjects.map(({ name }) => name)).toEqual(["it", "c"]);
    expect(all.subjects[0]).toMatchObject({ startMs: 9, instructions: { hit: 41_000 } });
    expect(all.missing.map(({ name }) => name)).toEqual(["go"]);
    // Which measures c as well.
    expect(all.commands.instructions).toBe("npm run bench -- --only instructions");
    expect(merged({ ...published, subjects: [own] }, now).commands.instructions).toBe("again");
  });

  it("begin anew with another Envoy", () => {
    expect(merged(RESULT, { ...RESULT, envoy: "1.41.0", subjects: [] }).subjects).toEqual([]);
  });
});

describe("the bench's command line", () => {
  it("names what differs from the default, quoted for a shell", () => {
    const options = { files: ["build/mesh-telemetry.wasm"], configs: [] };
    expect(commandLine(options, ["--only", "cpu"])).toMatch(/bench (-- )?--only cpu$/);
    const other = { files: ["my.wasm"], configs: [{ a: "it's" }], traffics: ["hit" as const], peers: [] };
    expect(commandLine(other, [])).toMatch(/my\.wasm --config '\{"a":"it'\\''s"\}' --traffic hit --peers none$/);
  });
});

describe("the bench's progress", () => {
  it("is a bar with what is being done", () => {
    expect(progressLine("CPU", "rust", 6, 12)).toBe("CPU ############------------  50 %  rust");
  });
});
