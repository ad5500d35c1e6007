import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdminAddress, adminGet, DEFAULT_ENVOY_VERSION, findEnvoy, LineLog } from "../../scripts/envoy/index.ts";
import { type EnvoySpec, envoyConfig, localPlace } from "../../scripts/envoy-config/index.ts";
import { atExit } from "../../scripts/leftovers/index.ts";

/** An Envoy that can be replaced by another process while it serves. */
export interface HotEnvoy {
  /** Starts the next one, which takes over the listeners; resolves when the one before has drained and ended. */
  restart(): Promise<void>;
  readonly log: LineLog;
  stop(): Promise<void>;
}

const DRAIN_S = 2;
const PARENT_S = 4;

/** Starts Envoy with hot restart on, under a base id that no other Envoy of this machine has. Its listeners need ports of their own. */
export async function startHotEnvoy(spec: EnvoySpec): Promise<HotEnvoy> {
  const { path } = await findEnvoy({ version: DEFAULT_ENVOY_VERSION });
  const folder = await mkdtemp(join(tmpdir(), "meshwright-hot-"));
  const config = join(folder, "envoy.yaml");
  const baseIdFile = join(folder, "base-id");
  await writeFile(config, envoyConfig(spec, localPlace(folder)));
  const log = new LineLog();
  const launch = async (epoch: number, own: readonly string[]): Promise<ChildProcess> => {
    const address = join(folder, `admin-${epoch}`);
    const times = ["--drain-time-s", String(DRAIN_S), "--parent-shutdown-time-s", String(PARENT_S)];
    const args = ["-c", config, "--concurrency", "1", "--restart-epoch", String(epoch), "--admin-address-path", address, ...times, ...own];
    const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout?.on("data", log.sink());
    child.stderr?.on("data", log.sink());
    child.once(
      "exit",
      atExit(() => child.kill("SIGKILL")),
    );
    await untilReady(child, address, log);
    return child;
  };
  let epoch = 0;
  let child = await launch(epoch, ["--use-dynamic-base-id", "--base-id-path", baseIdFile]);
  const baseId = (await readFile(baseIdFile, "utf8")).trim();
  return {
    log,
    restart: async () => {
      const before = child;
      const ended = closed(before);
      epoch++;
      child = await launch(epoch, ["--base-id", baseId]);
      await ended;
    },
    stop: async () => {
      const ended = closed(child);
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const closed = (child: ChildProcess): Promise<void> =>
  child.exitCode === null && child.signalCode === null ? new Promise(resolve => child.once("close", () => resolve())) : Promise.resolve();

async function untilReady(child: ChildProcess, addressFile: string, log: LineLog): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Envoy ended while it started:\n${log.tail(15)}`);
    const [, host, port] = /^(.+):(\d+)$/.exec((await readFile(addressFile, "utf8").catch(() => "")).trim()) ?? [];
    if (host && (await isReady({ host, port: Number(port) }))) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const isReady = (admin: AdminAddress): Promise<boolean> =>
  adminGet(admin, "/ready").then(
    ({ status }) => status === 200,
    () => false,
  );
