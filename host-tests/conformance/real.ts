import { setTimeout as sleep } from "node:timers/promises";
import { chooseRun, type EnvoySpec, type FilterSpec, startEnvoy } from "../envoy/index.ts";
import { clientLine, send } from "./client.ts";
import type { Emulated } from "./emulated.ts";
import { startGrpc } from "./grpc.ts";
import type { Scenario } from "./scenarios.ts";
import { startUpstream, upstreamLine } from "./upstream.ts";
import { WorkerLog } from "./worker-log.ts";

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
/** For an answer, or a line, that the emulator does not expect; when there is none, as it should be, this time is lost. */
const SURPRISE_MS = 500;

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
      // After an answer of its own Envoy waits for the client to close; the client waits for Envoy.
      hcm: { http_protocol_options: trailers, delayed_close_timeout: "0.25s" },
    })),
  };
}

/**
 * Runs the scenarios on the real Envoy; the lines of each, in order. The first entry is what the plugin context did before.
 * Ends early behind a scenario that lacks lines: those after it would lack some, too.
 */
export async function realTranscript(
  version: string,
  wasm: string,
  scenarios: readonly Scenario[],
  emulated: readonly Emulated[],
): Promise<string[][]> {
  const host = await neighbourHost();
  const upstream = await startUpstream(host);
  const grpc = await startGrpc(host);
  const envoy = await startEnvoy({ version, config: spec(wasm, upstream.url, grpc.url), componentLogLevel: "wasm:info" });
  const log = new WorkerLog(envoy);
  /** One scenario, and what the emulator made of it. */
  async function exchange(scenario: Scenario, { logged, upstream: requests, unanswered }: Emulated): Promise<string[]> {
    upstream.take();
    const sent = send(envoy.address(scenario.listener ?? "in"), scenario);
    if (unanswered !== null) {
      await log.reach(unanswered);
      await Promise.race([sent.received, sleep(SURPRISE_MS)]);
      sent.giveUp();
    }
    const answer = clientLine(await sent.received, scenario);
    const lines = await log.take(logged);
    await upstream.reach(requests);
    return [...lines, ...upstream.take().map(upstreamLine), answer];
  }
  try {
    await log.started(LISTENERS.length + 1);
    const [before, ...expected] = emulated as [Emulated, ...Emulated[]];
    const all = [await log.take(before.logged)];
    for (const [index, scenario] of scenarios.entries()) {
      const wanted = expected[index] as Emulated;
      const lines = await exchange(scenario, wanted);
      all.push(lines);
      if (lines.length < wanted.lines.length) return all;
    }
    await sleep(SURPRISE_MS);
    all.at(-1)?.push(...(await log.take(0)));
    return all;
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
