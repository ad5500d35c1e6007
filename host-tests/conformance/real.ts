import { chooseRun, type EnvoySpec, type FilterSpec, type RunningEnvoy, startEnvoy } from "../envoy/index.ts";
import { startGrpc } from "./grpc.ts";
import type { Scenario } from "./scenarios.ts";
import { type ProbeUpstream, startUpstream } from "./upstream.ts";

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const LINE = /^\[[^\]]*\]\[(\d+)\]\[(\w+)\]\[wasm\] (?:\[[^\]]*\] )?wasm log([^:]*): T (.*)$/;

/** The metadata of the node; of every type that a Struct knows. One label: protobuf maps have no order. */
export const NODE = { CLUSTER_ID: "cluster-a", LABELS: { version: "v1" }, NUMBER: 7, FLAG: true, LIST: ["a", "b"] };
export const ENVIRONMENT = { PROBE: "yes" };

/** The plugin of a listener. */
export const pluginConfig = (listener: string): string => (listener === "in" ? "probe tick queue" : `probe ${listener}`);

export function probeFilter(wasm: string, listener: string, name = "probe"): FilterSpec {
  return {
    name,
    rootId: "probe",
    wasm,
    config: pluginConfig(listener),
    // A VM of its own where it traps.
    vmId: listener === "in" ? "probe-vm" : `probe-vm-${listener}`,
    env: ENVIRONMENT,
    ...(listener === "open" ? { failurePolicy: "FAIL_OPEN" } : {}),
    ...(listener === "stop-iteration" ? { plugin: { allow_on_headers_stop_iteration: true } } : {}),
  };
}

export const LISTENERS = ["in", "small", "open", "chain", "stop-iteration"] as const;

function spec(wasm: string, echo: string, grpc: string): EnvoySpec {
  const trailers = { enable_trailers: true };
  const explicit = { "@type": `type.googleapis.com/${HTTP_OPTIONS}`, explicit_http_config: { http_protocol_options: trailers } };
  const cluster = { typed_extension_protocol_options: { [HTTP_OPTIONS]: explicit } };
  return {
    node: { metadata: NODE },
    clusters: [
      { name: "echo", url: echo, cluster },
      { name: "other", url: echo, cluster },
      { name: "closed", url: "http://127.0.0.1:1" },
      { name: "grpc", url: grpc, http2: true },
    ],
    listeners: LISTENERS.map(name => ({
      name,
      filters: name === "chain" ? [probeFilter(wasm, name), probeFilter(wasm, name, "second")] : [probeFilter(wasm, name)],
      routes: [
        { header: { name: "x-route", value: "other" }, cluster: "other", route: { name: "other" } },
        { cluster: "echo", route: { name: "main" } },
      ],
      ...(name === "small" ? { bufferLimit: 1000 } : {}),
      hcm: { http_protocol_options: trailers },
    })),
  };
}

/** Runs the scenarios on the real Envoy; the lines of each, in order. The first entry is what the plugin context did before. */
export async function realTranscript(version: string, wasm: string, scenarios: readonly Scenario[]): Promise<string[][]> {
  const host = await neighbourHost();
  const upstream = await startUpstream(host);
  const grpc = await startGrpc(host);
  const envoy = await startEnvoy({ version, config: spec(wasm, upstream.url, grpc.url), componentLogLevel: "wasm:info" });
  try {
    await started(envoy, LISTENERS.length + 1);
    await envoy.waitForLog(/T tick < /);
    // The tick of the other thread, and the queue's callbacks.
    await new Promise(resolve => setTimeout(resolve, 500));
    const all: string[][] = [];
    let from = envoy.log.lines.length;
    const before = from;
    for (const scenario of scenarios) {
      const client = await exchange(envoy, upstream, scenario, from);
      all.push([...probeLines(envoy, from), ...client]);
      from = envoy.log.lines.length;
    }
    const worker = workerThread(envoy);
    return [linesOf(envoy.log.lines.slice(0, before), worker), ...all];
  } finally {
    await envoy.stop();
    await upstream.stop();
    await grpc.stop();
  }
}

/** Where servers listen so that Envoy reaches them, however it runs. */
export async function neighbourHost(): Promise<string> {
  return (await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1";
}

async function exchange(envoy: RunningEnvoy, upstream: ProbeUpstream, scenario: Scenario, from: number): Promise<string[]> {
  upstream.take();
  const received = await envoy.raw(scenario.listener ?? "in", requestBytes(scenario), { timeoutMs: 3000 }).catch(() => null);
  await settled(envoy, from);
  return [...upstream.take().map(upstreamLine), received === null ? "client got no answer" : clientLine(received, scenario)];
}

/** Waits until each of `plugins` plugins stands in both threads: Envoy is ready before its worker has started the VMs. */
export async function started(envoy: RunningEnvoy, plugins: number): Promise<void> {
  const seen = (): number => envoy.log.lines.filter(line => /: T configure < /.test(line)).length;
  for (const until = Date.now() + 30_000; seen() < 2 * plugins; ) {
    if (Date.now() > until) throw new Error(`${seen()} of ${2 * plugins} plugin contexts were configured within 30 s`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Waits until the log has been quiet for a while. */
export async function settled(envoy: RunningEnvoy, from: number): Promise<void> {
  let count = -1;
  for (let quiet = 0; quiet < 3; ) {
    await new Promise(resolve => setTimeout(resolve, 25));
    const now = envoy.log.lines.length - from;
    quiet = now === count ? quiet + 1 : 0;
    count = now;
  }
}

export function requestBytes({ mode, method = "GET", path = "/", headers = [], body, trailers }: Scenario): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "host: probe",
    `x-mode: ${mode}`,
    "user-agent: probe",
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  let text = body ?? "";
  if (trailers) {
    lines.push("transfer-encoding: chunked", `trailer: ${trailers.map(([name]) => name).join(",")}`);
    text = `${(body ?? "").length.toString(16)}\r\n${body}\r\n0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  } else if (body !== undefined) lines.push(`content-length: ${body.length}`);
  return Buffer.from(`${lines.join("\r\n")}\r\nconnection: close\r\n\r\n${text}`, "latin1");
}

export function upstreamLine(request: {
  method: string;
  path: string;
  headers: readonly (readonly [string, string])[];
  body: string;
}): string {
  const headers = request.headers.map(([name, value]) => `${name}: ${value}`).join(" | ");
  return `upstream got ${request.method} ${request.path} | ${headers} | ${request.body.length} '${request.body.slice(0, 60)}'`;
}

/** Status, headers, body and trailers of what came over the wire; how the body was cut into chunks is left out. */
function clientLine(received: string, { method }: Scenario): string {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [status = "", ...headers] = head.split("\r\n");
  const chunked = method !== "HEAD" && headers.includes("transfer-encoding: chunked");
  const [body, trailers] = chunked ? unchunked(rest.join("\r\n\r\n")) : [rest.join("\r\n\r\n"), []];
  const kept = headers.filter(header => header !== "transfer-encoding: chunked");
  return shownResponse(status.split(" ")[1] ?? status, kept, body, trailers);
}

export function shownResponse(status: string, headers: readonly string[], body: string, trailers: readonly string[]): string {
  const more = trailers.length > 0 ? ` | trailers ${trailers.join(" | ")}` : "";
  return `client got ${[status, ...headers].join(" | ")} | ${body.length} '${body.slice(0, 200)}'${more}`;
}

function unchunked(text: string): [body: string, trailers: string[]] {
  let [body, rest] = ["", text];
  for (;;) {
    const match = /^([0-9a-f]+)\r\n/.exec(rest);
    if (!match) return [`${body} and no end`, []];
    const size = Number.parseInt(match[1] ?? "", 16);
    rest = rest.slice(match[0].length);
    if (size === 0) return [body, rest.split("\r\n").filter(line => line !== "")];
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
}

function probeLines(envoy: RunningEnvoy, from: number): string[] {
  return linesOf(envoy.log.lines.slice(from), workerThread(envoy));
}

/** The thread that serves requests; the plugin context runs in the main thread as well. */
export function workerThread(envoy: RunningEnvoy): string {
  return LINE.exec(envoy.log.lines.find(line => /: T request_headers > /.test(line)) ?? "")?.[1] ?? "";
}

export function linesOf(lines: readonly string[], thread: string): string[] {
  return lines.flatMap(line => {
    const [, tid, level, prefix, text] = LINE.exec(line) ?? [];
    return tid === thread ? [`${level}${prefix}: ${text}`] : [];
  });
}
