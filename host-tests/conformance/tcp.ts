import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startEnvoy } from "../envoy/index.ts";
import { createHost } from "../host/index.ts";
import { probeLines } from "./emulated.ts";
import { linesOf, NODE, neighbourHost, probeFilter, settled, started } from "./real.ts";

/** Connections: what the client sends, one piece after the other; then it closes. */
const CONNECTIONS: readonly { listener: string; pieces: readonly string[] }[] = [
  { listener: "tcp-all", pieces: ["all"] },
  { listener: "tcp", pieces: ["plain", "more"] },
  { listener: "tcp", pieces: ["append"] },
  { listener: "tcp", pieces: ["replace"] },
  { listener: "tcp", pieces: ["hold", "and", "go"] },
  { listener: "tcp", pieces: ["close-down"] },
  { listener: "tcp", pieces: ["close-up"] },
  { listener: "tcp-stop-new", pieces: ["first", "second"] },
];
const LISTENERS = ["tcp", "tcp-all", "tcp-stop-new"];
const PAUSE_MS = 60;

const config = (listener: string): string => `probe brief ${listener}`;

export async function realTcp(version: string, wasm: string): Promise<string[][]> {
  const host = await neighbourHost();
  const server = createServer({ allowHalfOpen: false }, socket => {
    socket.on("data", data => socket.write(`echo:${data}`));
    socket.on("error", () => {});
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const envoy = await startEnvoy({
    version,
    config: {
      node: { metadata: NODE },
      clusters: [{ name: "tcp", url }],
      listeners: LISTENERS.map(name => ({ name, tcp: "tcp", filters: [{ ...probeFilter(wasm, name), config: config(name) }] })),
    },
    componentLogLevel: "wasm:info",
  });
  try {
    await started(envoy, LISTENERS.length);
    const all: string[][] = [];
    for (const { listener, pieces } of CONNECTIONS) {
      const from = envoy.log.lines.length;
      const received = await converse(envoy.address(listener), pieces);
      await settled(envoy, from);
      const lines = envoy.log.lines.slice(from);
      const worker = /^\[[^\]]*\]\[(\d+)\]/.exec(lines.find(line => /: T new_connection > /.test(line)) ?? "")?.[1] ?? "";
      all.push([...linesOf(lines, worker), `client got '${received}'`]);
    }
    return all;
  } finally {
    await envoy.stop();
    await new Promise(resolve => server.close(resolve));
  }
}

async function converse(target: { host: string; port: number }, pieces: readonly string[]): Promise<string> {
  let received = "";
  const socket = connect(target);
  socket.on("data", data => {
    received += data;
  });
  socket.on("error", () => {});
  await new Promise(resolve => socket.once("connect", resolve));
  for (const piece of pieces) {
    await sleep(PAUSE_MS);
    if (socket.writable) socket.write(piece);
  }
  await sleep(PAUSE_MS);
  socket.destroy();
  return received;
}

export function emulatedTcp(version: string, wasm: string): string[][] {
  const host = createHost({ version, node: { metadata: NODE } });
  const plugins = new Map(
    LISTENERS.map(name => {
      const vmId = `probe-vm-${name}`;
      return [name, host.plugin({ wasm, name: "probe", vmId, config: config(name), env: { PROBE: "yes" } })];
    }),
  );
  return CONNECTIONS.map(({ listener, pieces }) => {
    const from = host.log.entries.length;
    const plugin = plugins.get(listener);
    const connection = host.connect({ plugins: plugin ? [plugin] : [], listener, cluster: "tcp" });
    for (const piece of pieces) {
      const before = connection.upstream.length;
      if (!connection.closed) connection.send(piece);
      if (connection.upstream.length > before) connection.respond(`echo:${connection.upstream.subarray(before)}`);
    }
    connection.send("", true);
    if (connection.upstreamEnd) connection.respond("", true);
    return [...probeLines(host, from), `client got '${connection.downstream}'`];
  });
}
