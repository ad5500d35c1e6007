/**
 * One scenario, both hosts: `describeHosts("name", {}, host => …)` makes a suite for the emulator and one for each version of the real
 * Envoy, named `[emulator] name` and `[envoy 1.40.0] name`.
 */
import { afterAll, describe, onTestFailed, onTestFinished } from "vitest";
import { envoyVersions } from "./envoy/versions.ts";
import { EmulatorHost } from "./matrix/emulator.ts";
import { RealHost } from "./matrix/envoy.ts";
import { readable } from "./matrix/readable.ts";
import type { HostKind, HostSpec, ProxyHost, RunningHost } from "./matrix/types.ts";

export { type GrpcAnswer, grpcAnswer, grpcFrame, grpcMessages } from "./matrix/grpc.ts";
export type * from "./matrix/types.ts";

export interface ScenarioOptions {
  /** Envoy versions to run on and to emulate; MESHWRIGHT_ENVOY_VERSIONS or the default one when absent. */
  versions?: readonly string[];
  /** Both by default. A scenario for one host alone says why in its name. */
  hosts?: readonly HostKind[];
}

/** Runs the scenarios of `body` on both hosts. */
export function describeHosts(name: string, options: ScenarioOptions, body: (host: ProxyHost) => void): void {
  const versions = options.versions ?? envoyVersions();
  const hosts = options.hosts ?? ["emulator", "envoy"];
  for (const version of versions) {
    const like = versions.length > 1 ? `emulator like ${version}` : "emulator";
    if (hosts.includes("emulator")) suite(`[${like}] ${name}`, () => new EmulatorHost(version), body);
    if (hosts.includes("envoy")) suite(`[envoy ${version}] ${name}`, keep => new RealHost(version, keep), body);
  }
}

type Keep = <T extends { stop(): Promise<void> }>(started: T) => T;

function suite(name: string, make: (keep: Keep) => ProxyHost, body: (host: ProxyHost) => void): void {
  describe(name, () => {
    const open: (() => Promise<void>)[] = [];
    afterAll(() => Promise.all(open.map(stop => stop())));
    const keep: Keep = started => {
      try {
        onTestFinished(() => started.stop());
      } catch {
        // Not inside a test: a hook of the suite started it.
        open.push(() => started.stop());
      }
      return started;
    };
    const host = make(keep);
    body({
      kind: host.kind,
      version: host.version,
      upstream: settings => host.upstream(settings),
      tcpUpstream: settings => host.tcpUpstream(settings),
      grpcUpstream: () => host.grpcUpstream(),
      start: async (spec: HostSpec) => {
        const running = await host.start(spec);
        if (running.kind === "emulator") keep(running);
        showLogOfFailure(running, spec);
        return running;
      },
    });
  });
}

/** Warnings, what filters wrote, and the frames of traps, which are lines of their own. */
const TELLING = /\[(warning|error|critical)\]|\[wasm\]|in-VM backtrace|^ *\d+: {2}0x/;

function showLogOfFailure(running: RunningHost, spec: HostSpec): void {
  try {
    onTestFailed(async () => {
      const lines = readable((await running.logs(TELLING)).slice(-40), spec);
      if (lines.length > 0) console.error(`The host's log, warnings and what filters wrote:\n${lines.join("\n")}`);
    });
  } catch {
    // Started by a hook: the log belongs to no single test.
  }
}
