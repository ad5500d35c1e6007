import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StartedTestContainer } from "testcontainers";
import { EnvoyStartError, envoyArguments, LineLog, READY_TIMEOUT_MS } from "../../scripts/envoy/index.ts";
import type { Place } from "../../scripts/envoy-config/index.ts";
import { ownAddress } from "./container-address.ts";
import { findEngine } from "./engine.ts";
import { imageFor } from "./image.ts";
import type { Instance, InstanceOptions } from "./instance.ts";
import { removeAtExit } from "./leftovers.ts";

const ADMIN_PORT = 9901;
const LOG_END_MS = 10_000;
const FIRST_LISTENER_PORT = 10_000;
/** What an engine calls the machine it runs on, by the extra host below. */
const HOST = "host.docker.internal";

/** Envoy in a container. Its folder is mounted under the path that it has here, so that one configuration serves both. */
export async function startContainer(options: InstanceOptions): Promise<Instance> {
  const engine = await findEngine();
  if (!engine) throw new Error("no container engine answers");
  const { GenericContainer, Wait } = await import("testcontainers");
  const image = await imageFor(options.version, engine);
  const place = containerPlace(options.folder);
  const config = await options.write(place);
  const ports = [...new Set([...listenerPorts(options.listeners), ...options.ports])];

  let id: string | undefined;
  let forget = (): void => {};
  let logEnd: Promise<unknown> = Promise.resolve();
  class EnvoyContainer extends GenericContainer {
    protected override async containerCreated(containerId: string): Promise<void> {
      id = containerId;
      forget = removeAtExit(containerId, engine?.container.dockerode.modem);
    }
  }
  const container = new EnvoyContainer(image)
    .withEntrypoint(["/usr/local/bin/envoy"])
    .withCommand(envoyArguments(config, options))
    // The caller's user: what Envoy writes into the mounted folder belongs to the caller.
    .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
    .withExposedPorts(ADMIN_PORT, ...ports)
    .withBindMounts([{ source: options.folder, target: options.folder, mode: "rw" }])
    .withExtraHosts([{ host: HOST, ipAddress: "host-gateway" }])
    .withEnvironment(options.env ?? {})
    .withLabels({ "meshwright.envoy": options.version })
    // The read timeout is the time between two looks as well, and its default of 1 s is more than Envoy takes to start.
    .withWaitStrategy(Wait.forHttp("/ready", ADMIN_PORT, { abortOnContainerExit: true }).withReadTimeout(200))
    .withStartupTimeout(options.readyTimeoutMs ?? READY_TIMEOUT_MS)
    .withLogConsumer(stream => {
      logEnd = new Promise(resolve => stream.once("end", resolve));
      stream.on("data", options.log.sink());
    });

  let started: StartedTestContainer;
  try {
    started = await container.start();
  } catch (error) {
    const { how, log } = await clean(engine.container.dockerode, id);
    forget();
    // The lines that say why may still be on their way; with the container gone, they come to an end.
    if (!log) await Promise.race([logEnd, sleep(LOG_END_MS, undefined, { ref: false })]);
    throw new EnvoyStartError(how ?? withoutLog((error as Error).message), log ?? options.log);
  }
  const mapped = (port: number) => ({ host: started.getHost(), port: started.getMappedPort(port) });
  return {
    admin: mapped(ADMIN_PORT),
    log: options.log,
    place,
    described: `container ${image}`,
    reach: mapped,
    reachDirectly: async port => {
      // Not by that port: a filter would see the connection.
      const host = await ownAddress(started, ADMIN_PORT);
      return host === null ? mapped(port) : { host, port };
    },
    stop: async () => {
      await started.stop({ timeout: 5_000 });
      forget();
    },
  };
}

function listenerPorts(count: number): number[] {
  return Array.from({ length: count }, (_, index) => FIRST_LISTENER_PORT + index);
}

function containerPlace(folder: string): Place {
  return {
    hostAddress: HOST,
    listenAddress: "0.0.0.0",
    adminPort: ADMIN_PORT,
    listenerPort: index => FIRST_LISTENER_PORT + index,
    folder,
    file: path => {
      const source = resolve(path);
      if (source.startsWith(`${folder}/`)) return source;
      // Two modules may share a name (build/a/x.wasm, build/b/x.wasm): the whole path goes into the copy's.
      const copy = join(folder, "files", `${Buffer.from(source).toString("base64url").slice(-40)}-${basename(source)}`);
      mkdirSync(join(folder, "files"), { recursive: true });
      copyFileSync(source, copy);
      chmodSync(copy, 0o644);
      return copy;
    },
  };
}

/** What is known of a start that failed; null where the engine does not tell. */
interface Failure {
  how: string | null;
  log: LineLog | null;
}

/** testcontainers puts the end of the log into its messages; ours have what of it says why. */
const withoutLog = (message: string): string => message.replace(/, last \d+ logs:.*$/s, "");

/** After a failed start: says how Envoy ended, fetches its log, removes the container, unless testcontainers has removed it already. */
async function clean(dockerode: ContainerEngine, id: string | undefined): Promise<Failure> {
  if (!id) return { how: null, log: null };
  const container = dockerode.getContainer(id);
  try {
    const { State } = await container.inspect();
    const log = new LineLog();
    log.sink()(Buffer.concat([stripFrames(await container.logs({ stdout: true, stderr: true })), Buffer.from("\n")]));
    return { how: State.Running ? "not ready in time" : `exit code ${State.ExitCode}`, log };
  } catch {
    return { how: null, log: null };
  } finally {
    await container.remove({ force: true }).catch(() => {});
  }
}

type ContainerEngine = NonNullable<Awaited<ReturnType<typeof findEngine>>>["container"]["dockerode"];

/** Without a terminal the engine sends frames: one byte stream number, three zero, four of length, then the text. */
function stripFrames(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 8 <= raw.length) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts);
}
