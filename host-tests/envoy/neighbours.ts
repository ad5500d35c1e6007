import { type EchoOptions, type EchoServer, startEcho as echo } from "../../scripts/envoy/index.ts";
import { type OtlpReceiver, startReceiver as receiver } from "../../scripts/otlp/index.ts";
import { chooseRun } from "./engine.ts";

/** An Envoy in a container reaches this machine by its bridge address, so servers must not listen on loopback only. */
async function host(): Promise<string> {
  return (await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1";
}

/** An upstream that answers with what it was asked; reachable for Envoy however it runs. */
export async function startEcho(options: EchoOptions = {}): Promise<EchoServer> {
  return echo({ ...options, host: options.host ?? (await host()) });
}

/** An OTLP/HTTP receiver that Envoy reaches however it runs. */
export async function startReceiver(options: { host?: string; port?: number } = {}): Promise<OtlpReceiver> {
  return receiver({ ...options, host: options.host ?? (await host()) });
}
