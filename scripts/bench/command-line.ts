import { basename, isAbsolute } from "node:path";
import type { Axis } from "./growth.ts";
import type { PeerName } from "./peers/index.ts";
import type { Part } from "./result.ts";
import type { SidecarPart } from "./sidecar.ts";
import type { Program } from "./subject.ts";
import type { Traffic } from "./traffic.ts";

/** What the bench was asked for; absent: the default. */
export interface BenchOptions {
  readonly files: readonly string[];
  readonly configs: readonly unknown[];
  readonly otherConfig?: unknown;
  readonly rootId?: string | undefined;
  readonly traffics?: readonly Traffic[] | undefined;
  readonly programs?: readonly Program[] | undefined;
  readonly peers?: readonly PeerName[] | undefined;
  readonly parts?: readonly Part[] | undefined;
  /** Axes to grow along; empty: all. */
  readonly growth?: readonly Axis[] | undefined;
  /** Parts of a sidecar's overhead; empty: all. */
  readonly sidecar?: readonly SidecarPart[] | undefined;
  readonly check?: boolean | undefined;
  readonly update?: boolean | undefined;
  readonly quick?: boolean | undefined;
  readonly publish?: boolean | undefined;
  readonly envoy?: string | undefined;
  readonly output?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What is measured when no module is named. */
export const DEFAULT_MODULE = "build/mesh-telemetry.wasm";

/** The command that measures the same again, for the line beside a figure. */
export function commandLine(options: BenchOptions, only: readonly string[]): string {
  // npm run sets it to the script's name.
  const program = process.env.npm_lifecycle_event === "bench" ? ["npm", "run", "bench", "--"] : ["npx", "meshwright", "bench"];
  const { files, configs, otherConfig, rootId, traffics, programs, peers, quick, envoy } = options;
  const list = (flag: string, values: readonly string[] | undefined): string[] =>
    values === undefined ? [] : [flag, values.length === 0 ? "none" : values.join(",")];
  const words = [
    ...files.filter(file => file !== DEFAULT_MODULE).map(file => (isAbsolute(file) ? basename(file) : file)),
    ...configs.flatMap(config => ["--config", typeof config === "string" ? config : JSON.stringify(config)]),
    ...(otherConfig === undefined ? [] : ["--other-config", JSON.stringify(otherConfig)]),
    ...(rootId === undefined ? [] : ["--root-id", rootId]),
    ...only,
    ...list("--traffic", traffics),
    ...list("--programs", programs),
    ...list("--peers", peers),
    ...(quick ? ["--quick"] : []),
    ...(envoy === undefined ? [] : ["--envoy", envoy]),
  ];
  const line = [...program, ...words.map(quoted)].join(" ");
  return line.replace(/ --$/, "");
}

function quoted(word: string): string {
  return /^[\w./,:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
