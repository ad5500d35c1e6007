import { access } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { Command } from "commander";
import { type EnvoySpec, earlyHeaderMutation, startEnvoy, startReceiver, type WasmFilterSpec } from "../envoy/index.ts";
import { startTestService } from "./service.ts";
import { findSuite, freePort, runSuite, SuiteMissingError, type SuiteResult } from "./suite.ts";

interface Options {
  filter: string;
  config?: string;
  rootId?: string;
  envoy?: string;
  behindTracer?: boolean;
  verbose?: boolean;
}

const command = new Command("test:w3c")
  .description(
    "Runs the W3C Trace Context suite against a filter on the ingress and the egress of a real Envoy, without a tracer or behind it.",
  )
  .argument("[tests...]", "names such as TraceContextTest.test_traceparent_duplicated; all by default")
  .option("--filter <file>", "the module under test, or none for Envoy alone", "build/trace-context.wasm")
  .option("--config <json>", 'its configuration; {"parent_id":"renew"}, behind the tracer {"behind_tracer":true}')
  .option("--root-id <id>", "its root id; the file's name by default")
  .option("--envoy <version>", "the Envoy version")
  .option("--behind-tracer", "switch Envoy's tracer on, with the early header mutation before it and the filter in the clusters, behind it")
  .option("--verbose", "print the suite's own report");

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<Options>();
  try {
    const suite = await findSuite();
    const filter = await filterUnderTest(options);
    const result = await withSidecar(filter, options, (serviceUrl, harnessPort) =>
      runSuite(suite, { serviceUrl, harnessPort, patterns: command.args }),
    );
    if (options.verbose) console.log(result.output);
    const place = options.behindTracer ? " behind Envoy's tracer" : "";
    report(result, (filter ? `${basename(filter.wasm)} ${filter.config}` : "Envoy without a filter") + place);
    return result.failures.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SuiteMissingError)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function filterUnderTest({ filter, config, rootId, behindTracer }: Options): Promise<WasmFilterSpec | undefined> {
  if (filter === "none") return undefined;
  const wasm = resolve(filter);
  await access(wasm).catch(() => {
    throw new SuiteMissingError(`--filter: there is no ${filter}; run npm run build first, or name another module`);
  });
  const told = config ?? (behindTracer ? '{"behind_tracer":true}' : '{"parent_id":"renew"}');
  return { name: rootId ?? basename(wasm, ".wasm"), wasm, config: told, vmId: "w3c" };
}

/**
 * The sidecar. Both listeners run the filter in one VM, as two plugins; behind the tracer both clusters do:
 *
 *     suite ──> ingress (filter) ──> test service ──> egress (filter) ──> suite
 */
function sidecar(filter: WasmFilterSpec | undefined, servicePort: number, harnessPort: number, otlp: string | undefined): EnvoySpec {
  const filters = filter ? [filter] : [];
  const inListener = otlp ? { hcm: { early_header_mutation_extensions: earlyHeaderMutation() } } : { filters };
  const inCluster = otlp ? { filters } : {};
  return {
    ...(otlp ? { tracing: { otlp } } : {}),
    listeners: [
      { name: "ingress", ...inListener, routes: [{ cluster: "service" }] },
      { name: "egress", direction: "outbound", ...inListener, routes: [{ cluster: "harness" }] },
    ],
    clusters: [
      { name: "service", url: `http://127.0.0.1:${servicePort}`, ...inCluster },
      { name: "harness", url: `http://127.0.0.1:${harnessPort}`, ...inCluster },
    ],
  };
}

/** Starts service and Envoy around `use`, and stops them whatever happens. */
async function withSidecar<T>(
  filter: WasmFilterSpec | undefined,
  { envoy: version, behindTracer }: Options,
  use: (serviceUrl: string, harnessPort: number) => Promise<T>,
): Promise<T> {
  const harnessPort = await freePort();
  let egress = 0;
  const service = await startTestService(() => egress);
  const otlp = behindTracer ? await startReceiver() : undefined;
  try {
    // Always a process of this machine: the suite's harness listens on loopback only, where no container reaches it.
    const envoy = await startEnvoy({
      version,
      run: "binary",
      config: sidecar(filter, service.port, harnessPort, otlp?.url),
      logLevel: "warn",
    });
    try {
      egress = envoy.port("egress");
      return await use(`${envoy.url("ingress")}/test`, harnessPort);
    } finally {
      await envoy.stop();
      const said = await envoy.logs(/\[(error|critical)\]/);
      if (said.length > 0) console.error(`Envoy said:\n${said.join("\n")}`);
    }
  } finally {
    await service.stop();
    await otlp?.stop();
  }
}

function report({ total, skipped, failures }: SuiteResult, what: string): void {
  for (const { test, reason } of failures) console.log(`failed  ${test}\n        ${reason}`);
  const passed = total - skipped - failures.length;
  console.log(
    `${passed} of ${total} passed${skipped ? `, ${skipped} skipped` : ""}: ${what}, W3C Trace Context suite, strict level 2, level 2`,
  );
}

process.exitCode = await main();
