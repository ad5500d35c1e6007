import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { envoyArguments, LineLog } from "../envoy/index.ts";
import { type EnvoySpec, envoyConfig, localPlace } from "../envoy-config/index.ts";
import { atExit } from "../leftovers/index.ts";
import { isWhole } from "./client.ts";
import { withFolder, writeConfig } from "./folder.ts";

const LONGEST_MS = 60_000;

/**
 * Milliseconds from the start of Envoy to its first answer, in which the worker's VM has compiled and configured the module.
 * The listener gets a port beforehand, so that nobody has to ask for it.
 */
export async function measureStart(binary: string, spec: EnvoySpec, request: string): Promise<number> {
  return withFolder(async folder => {
    const port = await freePort();
    const [listener] = spec.listeners;
    if (!listener) throw new Error("bench: an Envoy without listeners never answers");
    const bootstrap = envoyConfig({ ...spec, listeners: [{ ...listener, port }] }, localPlace(folder));
    const config = await writeConfig(folder, bootstrap);
    const log = new LineLog();
    const started = performance.now();
    const child = spawn(binary, envoyArguments(config, { logLevel: "warn" }), { stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "close");
    const disarm = atExit(() => child.kill("SIGKILL"));
    child.stdout.on("data", log.sink());
    child.stderr.on("data", log.sink());
    try {
      while (!(await answers(port, request))) {
        if (child.exitCode !== null || performance.now() - started > LONGEST_MS)
          throw new Error(`bench: Envoy did not come to answer a request\n${log.tail(10)}`);
        await new Promise(resolve => setTimeout(resolve, 1));
      }
      return performance.now() - started;
    } finally {
      child.kill("SIGKILL");
      await ended;
      disarm();
    }
  });
}

/** Sends the request once; false when nobody listens yet. */
function answers(port: number, request: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => socket.write(request, "latin1"));
    let received = Buffer.alloc(0);
    socket.on("data", chunk => {
      received = Buffer.concat([received, chunk]);
      try {
        if (!isWhole(received)) return;
        resolve(true);
      } catch (error) {
        reject(error);
      }
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("bench: no free port");
  return address.port;
}
