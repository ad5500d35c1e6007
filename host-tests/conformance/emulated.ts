import type { WasmFilterSpec } from "../envoy/index.ts";
import type { Upstream, UpstreamRequest } from "../host/index.ts";
import { createHost, type Exchange, type Host, type Plugin } from "../host/index.ts";
import { NO_ANSWER, shownResponse } from "./client.ts";
import { grpcHandler } from "./grpc.ts";
import { ENVIRONMENT, LISTENERS, NODE, probeFilter } from "./real.ts";
import type { Scenario } from "./scenarios.ts";
import { answerTo, upstreamLine, withServerHeaders } from "./upstream.ts";

/** What the emulator makes of a scenario, and with it what to wait for on the real Envoy, which is asynchronous. */
export interface Emulated {
  /** What the probe logs, then what the upstream gets, then what the client gets. */
  lines: string[];
  /** How many of them the probe logs. */
  logged: number;
  /** How many requests the upstream gets. */
  upstream: number;
  /** How many lines the probe has logged when the client gives up; null when it gets its answer. */
  unanswered: number | null;
}

/** How long the client waits, by the emulator's clock; longer than every timeout of the probe that runs out. */
const CLIENT_MS = 3000;

/** Runs the scenarios on the emulator; as `realTranscript`. */
export function emulatedTranscript(version: string, wasm: string, scenarios: readonly Scenario[]): Emulated[] {
  let seen: UpstreamRequest[] = [];
  const upstream: Upstream = request => {
    seen.push(request);
    const answer = answerTo(request);
    return answer === "reset" ? "reset" : withServerHeaders(answer, request.method);
  };
  const host = createHost({
    version,
    node: { metadata: NODE },
    clusters: { echo: upstream, other: upstream, closed: () => "refused", grpc: grpcHandler },
  });
  const plugins = new Map<string, Plugin[]>();
  for (const listener of LISTENERS) {
    const names = listener === "chain" ? ["probe", "second"] : ["probe"];
    plugins.set(
      listener,
      names.map(name => plugin(host, wasm, listener, name)),
    );
  }
  host.advance(250);
  const before = probeLines(host, 0);
  const all: Emulated[] = [{ lines: before, logged: before.length, upstream: 0, unanswered: null }];
  for (const scenario of scenarios) {
    seen = [];
    const from = host.log.entries.length;
    const listener = scenario.listener ?? "in";
    const exchange = send(host, scenario, plugins.get(listener) ?? []);
    for (let waited = 0; !exchange.done && waited < CLIENT_MS; waited += 50) host.advance(50);
    const line = clientLine(exchange, scenario);
    const unanswered = exchange.done ? null : probeLines(host, from).length;
    if (!exchange.done) exchange.disconnect();
    const logged = probeLines(host, from);
    const lines = [...logged, ...seen.map(withTrailers).map(upstreamLine), line];
    all.push({ lines, logged: logged.length, upstream: seen.length, unanswered });
  }
  return all;
}

/** Trailers as the server beside the real Envoy tells them. */
function withTrailers(request: UpstreamRequest & { trailers?: Pairs }): UpstreamRequest {
  const trailers = (request.trailers ?? []).map(([name, value]): [string, string] => [`trailer ${name}`, value]);
  return { ...request, headers: [...request.headers, ...trailers] };
}

type Pairs = readonly (readonly [string, string])[];

function plugin(host: Host, wasm: string, listener: string, name: string): Plugin {
  const { rootId, vmId, config, failurePolicy, plugin: more } = probeFilter(wasm, listener, name) as WasmFilterSpec;
  return host.plugin({
    wasm,
    name,
    rootId: rootId ?? "",
    vmId: vmId ?? "",
    config,
    env: ENVIRONMENT,
    failurePolicy: failurePolicy === "FAIL_OPEN" ? "open" : "closed",
    allowOnHeadersStopIteration: more !== undefined,
  });
}

function send(host: Host, { mode, method, path, headers = [], body, trailers, listener }: Scenario, plugins: readonly Plugin[]): Exchange {
  const given: [string, string][] = [
    ["host", "probe"],
    ["x-mode", mode],
    ["user-agent", "probe"],
    ...headers.map(([name, value]): [string, string] => [name, value]),
  ];
  if (trailers) given.push(["transfer-encoding", "chunked"], ["trailer", trailers.map(([name]) => name).join(",")]);
  else if (body !== undefined) given.push(["content-length", String(body.length)]);
  given.push(["connection", "close"]);
  return host.request({
    ...(method ? { method } : {}),
    ...(path ? { path } : {}),
    headers: given,
    ...(body === undefined ? {} : { body }),
    ...(trailers ? { trailers } : {}),
    plugins,
    listener: listener ?? "in",
    routes: [
      { header: { name: "x-route", value: "other" }, cluster: "other", name: "other" },
      { cluster: "echo", name: "main" },
    ],
    ...(listener === "small" ? { bufferLimit: 1000 } : {}),
  });
}

export function probeLines(host: Host, from: number): string[] {
  return host.log.entries
    .slice(from)
    .flatMap(({ level, prefix, text }) => (text.startsWith("T ") ? [`${level}${prefix}: ${text.slice(2)}`] : []));
}

function clientLine(exchange: Exchange, { method }: Scenario): string {
  if (exchange.reset && !exchange.received) return shownResponse("", [], "", []);
  const { received } = exchange;
  if (!exchange.done || !received) return NO_ANSWER;
  const body = method === "HEAD" ? "" : received.body.toString("latin1");
  const lines = (pairs: readonly (readonly [string, string])[]): string[] => pairs.map(([name, value]) => `${name}: ${value}`);
  const ended = exchange.reset ? `${body} and no end` : body;
  return shownResponse(String(received.status), lines(received.headers), ended, lines(received.trailers));
}
