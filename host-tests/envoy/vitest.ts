import { afterAll, describe, onTestFailed, onTestFinished } from "vitest";
import type { EchoOptions, EchoServer } from "../../scripts/envoy/index.ts";
import type { OtlpReceiver } from "../../scripts/otlp/index.ts";
import { startEcho, startReceiver } from "./neighbours.ts";
import type { RunningEnvoy } from "./running.ts";
import { type StartOptions, startEnvoy } from "./start.ts";
import { envoyVersions } from "./versions.ts";

/** What a suite gets. Everything it starts in a test ends with the test, everything it starts in beforeAll ends with the suite. */
export interface EnvoySuite {
  version: string;
  start(options: Omit<StartOptions, "version">): Promise<RunningEnvoy>;
  echo(options?: EchoOptions): Promise<EchoServer>;
  receiver(): Promise<OtlpReceiver>;
}

/** A suite per Envoy version, named `[envoy 1.40.0] name`. */
export function describeEnvoy(name: string, options: { versions?: readonly string[] }, body: (envoy: EnvoySuite) => void): void {
  for (const version of options.versions ?? envoyVersions()) {
    describe(`[envoy ${version}] ${name}`, () => {
      const open: (() => Promise<void>)[] = [];
      afterAll(() => Promise.all(open.map(stop => stop())));
      const keep = <T extends { stop(): Promise<void> }>(started: T): T => {
        try {
          onTestFinished(() => started.stop());
        } catch {
          // Not inside a test: a hook of the suite started it.
          open.push(() => started.stop());
        }
        return started;
      };
      body({
        version,
        start: async started => {
          const envoy = keep(await startEnvoy({ ...started, version }));
          showLogOfFailure(envoy);
          return envoy;
        },
        echo: async settings => keep(await startEcho(settings)),
        receiver: async () => keep(await startReceiver()),
      });
    });
  }
}

function showLogOfFailure(envoy: RunningEnvoy): void {
  try {
    onTestFailed(() => console.error(`Envoy's log, warnings and what filters wrote:\n${envoy.log.search(TELLING).slice(-40).join("\n")}`));
  } catch {
    // Started by a hook: the log belongs to no single test.
  }
}

/** Warnings, what filters wrote, and the frames of traps, which are lines of their own. */
const TELLING = /\[(warning|error|critical)\]|\[wasm\]|in-VM backtrace|^ *\d+: {2}0x/;
