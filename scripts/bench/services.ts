import { spawn } from "node:child_process";
import { once } from "node:events";
import type { EnvoySpec } from "../envoy-config/index.ts";
import { atExit } from "../leftovers/index.ts";
import { withEnvoy } from "./envoy.ts";

/** Names of services, for the command line and for what was published. */
export const SERVICE_NAMES = ["envoy", "node", "waiting"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** What answers behind a sidecar: 1 KB, always the same. */
export interface Service {
  readonly name: ServiceName;
  /** As it follows "In front of". */
  readonly label: string;
  run<T>(binary: string, use: (url: string) => Promise<T>): Promise<T>;
}

const ANSWER = "x".repeat(1024);
const SPEC: EnvoySpec = { listeners: [{ name: "service", routes: [{ response: { status: 200, body: ANSWER } }] }] };

/** Another Envoy that answers by itself: as fast as a service can be, so that it hides as little as possible. */
export const ENVOY_SERVICE: Service = {
  name: "envoy",
  label: "a service that answers at once (Envoy)",
  run: (binary, use) => withEnvoy(binary, SPEC, ({ target }) => use(`http://${target.host}:${target.port}`)),
};

/** The smallest server that one writes in Node, as a process of its own. */
const program = (waitMs: number): string => `
const answer = "x".repeat(1024);
const server = require("node:http").createServer((request, response) => {
  const end = () => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": answer.length });
    response.end(answer);
  };
  if (${waitMs} === 0) end();
  else setTimeout(end, ${waitMs});
});
server.keepAliveTimeout = 600000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

const inNode = (name: ServiceName, label: string, waitMs: number): Service => ({
  name,
  label,
  async run(_binary, use) {
    const child = spawn(process.execPath, ["-e", program(waitMs)], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    const disarm = atExit(() => child.kill("SIGKILL"));
    try {
      const [port] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer | number | null];
      if (!Buffer.isBuffer(port)) throw new Error(`bench: the service in Node ended before it listened (status ${port})`);
      return await use(`http://127.0.0.1:${port.toString().trim()}`);
    } finally {
      child.kill("SIGKILL");
      await ended;
      disarm();
    }
  },
});

/** How long the service waits that is more like those that people have. */
const WAIT_MS = 2;

export const SERVICES: readonly Service[] = [
  ENVOY_SERVICE,
  inNode("node", "a service in Node that answers at once", 0),
  inNode("waiting", `a service in Node that waits ${WAIT_MS} ms, as for a database`, WAIT_MS),
];

/** Takes whatever is sent to it: a receiver of spans that costs next to nothing. */
export function withSink<T>(binary: string, use: (url: string) => Promise<T>): Promise<T> {
  const spec: EnvoySpec = { listeners: [{ name: "sink", routes: [{ response: { status: 200 } }] }] };
  return withEnvoy(binary, spec, ({ target }) => use(`http://${target.host}:${target.port}`));
}
