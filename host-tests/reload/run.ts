import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { DEFAULT_ENVOY_VERSION, type RunningEnvoy, startEcho, startEnvoy } from "../envoy/index.ts";
import { buildVersioned } from "./modules.ts";
import { REFUSALS } from "./refusals.ts";
import { filterOf, Rollouts, versionedFilter } from "./rollouts.ts";

interface Options {
  reloads: number;
  connections: number;
  workers: number;
  envoy: string[];
  json?: boolean;
}

const command = new Command("test:reload")
  .description("Changes configuration and code of a filter in a running Envoy under load, by ECDS from a file, and counts what goes wrong.")
  .option("--reloads <number>", "how many, in turn of configuration, code and both", integer, 100)
  .option("--connections <number>", "kept connections, each with a request under way all the time", integer, 16)
  .option("--workers <number>", "Envoy's worker threads", integer, 2)
  .option("--envoy <version...>", "Envoy versions", [DEFAULT_ENVOY_VERSION])
  .option("--json", "one line of JSON for each version");

/** Every so many reloads a version comes that Envoy has to refuse, one kind after the other. */
const REFUSED_EVERY = 5;
const KINDS = ["configuration", "code", "both"] as const;
const ACTIVE_VMS = "wasm.envoy.wasm.runtime.v8.active";

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<Options>();
  const wasm = await buildVersioned();
  let bad = 0;
  for (const version of options.envoy) {
    const figures = await measure(version, wasm, options);
    console.log(options.json ? JSON.stringify(figures) : lines(figures).join("\n"));
    if (figures.failed > 0 || figures.unrefused.length > 0 || figures.vms.after > figures.vms.before) bad++;
  }
  return bad > 0 ? 1 : 0;
}

async function measure(version: string, wasm: string, { reloads, connections, workers }: Options) {
  let asked = 0;
  const echo = await startEcho({
    respond: () => {
      echo.requests.length = 0;
      // Requests that take their time are those that a reload could tear.
      return { delayMs: asked++ % 20, body: "" };
    },
  });
  const envoy = await startEnvoy({
    version,
    run: "binary",
    concurrency: workers,
    config: { clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [versionedFilter(wasm)] }] },
  });
  try {
    const rollouts = new Rollouts(envoy, wasm, { concurrency: connections });
    // Connections and allocators have to reach their size before a growth means anything.
    await rollouts.load.more(connections * 50);
    const before = await memory(envoy);
    const unrefused: string[] = [];
    let refused = 0;
    for (let i = 0; i < reloads; i++) {
      await rollouts.next(KINDS[i % KINDS.length] ?? "both");
      await rollouts.load.more(connections * 4);
      if (i % REFUSED_EVERY !== REFUSED_EVERY - 1) continue;
      const refusal = REFUSALS[refused++ % REFUSALS.length] as (typeof REFUSALS)[number];
      const { accepted, reasons } = await refusal.publish(
        envoy,
        await filterOf(envoy, wasm, { code: 9000 + refused, config: 9000 + refused }),
      );
      if (accepted || !refusal.reason.test(reasons.join("\n"))) unrefused.push(`${refusal.name}: ${reasons.join("; ") || "taken"}`);
      await rollouts.load.more(connections * 4);
    }
    const { sent, failures, mixed, acrossReloads, effects, times } = await rollouts.stop();
    const after = await memory(envoy);
    return {
      envoy: version,
      reloads: effects.length,
      refused,
      unrefused,
      requests: sent,
      failed: failures.length,
      failures: failures.slice(0, 10),
      mixed: mixed.length,
      acrossReloads,
      firstAnswerMs: percentiles(effects.map(effect => effect.first)),
      allAnswersMs: percentiles(effects.map(effect => effect.all)),
      requestMs: percentiles(times),
      rssKiB: { before: before.rssKiB, after: after.rssKiB },
      vms: { before: before.vms, after: after.vms },
    };
  } finally {
    await envoy.stop();
    await echo.stop();
  }
}

type Figures = Awaited<ReturnType<typeof measure>>;

function lines(figures: Figures): string[] {
  const { firstAnswerMs: first, allAnswersMs: all, requestMs: request, rssKiB, vms } = figures;
  return [
    `Envoy ${figures.envoy}: ${figures.reloads} reloads and ${figures.refused} refused versions under load`,
    `  requests            ${figures.requests}, ${figures.failed} failed, ${figures.mixed} answered by two versions`,
    `  across a reload     ${figures.acrossReloads} ended on the version on which they began`,
    `  new version         first answer after ${shown(first)}`,
    `                      none but new ones for requests sent after ${shown(all)}`,
    `  requests took       ${shown(request)}; up to 19 ms of it are the upstream's`,
    `  Envoy's memory      ${rssKiB.before} KiB before, ${rssKiB.after} KiB after (VmRSS); ${vms.before} VMs before, ${vms.after} after`,
    ...figures.failures.map(failure => `  FAILED ${failure}`),
    ...figures.unrefused.map(text => `  NOT REFUSED ${text}`),
  ];
}

async function memory(envoy: RunningEnvoy): Promise<{ rssKiB: number; vms: number }> {
  const status = await readFile(`/proc/${envoy.pid}/status`, "utf8").catch(() => {
    throw new Error("test:reload: memory is read from /proc, which only Linux has; the reloads themselves are among the tests of npm test");
  });
  return { rssKiB: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]), vms: await envoy.stat(ACTIVE_VMS) };
}

interface Percentiles {
  p50: number;
  p99: number;
  max: number;
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function shown({ p50, p99, max }: Percentiles): string {
  return `${p50} ms in the middle, ${p99} ms at 99 %, ${max} ms at most`;
}

function integer(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("Give a whole number from 1 on.");
  return number;
}

process.exitCode = await main();
