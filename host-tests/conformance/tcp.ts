import { type AddressInfo, connect, createServer } from "node:net";
import { startEnvoy } from "../envoy/index.ts";
import { createHost } from "../host/index.ts";
import { probeLines } from "./emulated.ts";
import { NODE, neighbourHost, probeFilter } from "./real.ts";
import { until, WorkerLog } from "./worker-log.ts";

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

/** What the emulator makes of a connection, and with it what to wait for on the real Envoy: pieces that come together are one. */
export interface EmulatedConnection {
  lines: string[];
  /** How many lines the probe has logged when the connection stands, and after each piece. */
  logged: number[];
  /** What the client gets. */
  received: string;
}

const config = (listener: string): string => `probe brief ${listener}`;

/** The lines of each connection. Ends early behind one that lacks some. */
export async function realTcp(version: string, wasm: string, emulated: readonly EmulatedConnection[]): Promise<string[][]> {
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
    const log = new WorkerLog(envoy);
    await log.started(LISTENERS.length);
    await log.take(0);
    const all: string[][] = [];
    for (const [index, { listener, pieces }] of CONNECTIONS.entries()) {
      const wanted = emulated[index] as EmulatedConnection;
      const received = await converse(envoy.address(listener), pieces, wanted, log);
      const lines = [...(await log.take(wanted.lines.length - 1)), gotLine(received)];
      all.push(lines);
      if (lines.length < wanted.lines.length) return all;
    }
    return all;
  } finally {
    await envoy.stop();
    await new Promise(resolve => server.close(resolve));
  }
}

/** Sends each piece when what the one before caused has happened; answers what came back. */
async function converse(
  target: { host: string; port: number },
  pieces: readonly string[],
  wanted: EmulatedConnection,
  log: WorkerLog,
): Promise<string> {
  let received = "";
  let closed = false;
  const socket = connect(target);
  socket.on("data", data => {
    received += data;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    closed = true;
  });
  for (const [index, piece] of pieces.entries()) {
    await log.reach(wanted.logged[index] ?? 0);
    if (socket.writable) socket.write(piece);
  }
  await log.reach(wanted.logged[pieces.length] ?? 0);
  await until(() => closed || received.length >= wanted.received.length);
  socket.destroy();
  return received;
}

const gotLine = (received: string): string => `client got '${received}'`;

export function emulatedTcp(version: string, wasm: string): EmulatedConnection[] {
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
    const logged = [probeLines(host, from).length];
    for (const piece of pieces) {
      const before = connection.upstream.length;
      if (!connection.closed) connection.send(piece);
      if (connection.upstream.length > before) connection.respond(`echo:${connection.upstream.subarray(before)}`);
      logged.push(probeLines(host, from).length);
    }
    connection.send("", true);
    if (connection.upstreamEnd) connection.respond("", true);
    const received = connection.downstream.toString();
    return { lines: [...probeLines(host, from), gotLine(received)], logged, received };
  });
}
