import type { HostRequest, HostSpec, ProxyHost } from "../matrix.ts";
import { answer } from "./traces.ts";

/** What one request came to, for the client, for the upstream, and in the filter's own words. */
export interface Told {
  status: number;
  body: string;
  /** Headers that the filter set. */
  response: string[];
  upstream: string[];
  said: string[];
}

/** The filter is called `other`, in a VM called `one`; plugin contexts have one name less before what they say. */
const STREAM = /^.*wasm log other other one: (?:\[INFO\]: )?/;
const PLUGIN = /^.*wasm log other one: (?:\[INFO\]: )?/;
const ended = (lines: readonly string[], last: string): number => lines.filter(line => line.endsWith(last)).length;

/** Runs the requests through a module, one after another, and tells what happened. `last` is what the filter says at the end of a stream, `awaited` what its plugin context says in its own time. */
export async function transcript(
  host: ProxyHost,
  wasm: string,
  requests: readonly HostRequest[],
  last: string,
  awaited?: string,
): Promise<{ plugin: string[]; streams: Told[] }> {
  const [upstream, answers] = [await host.upstream(), await host.upstream({ respond: answer })];
  const spec: HostSpec = {
    clusters: [
      { name: "echo", url: upstream.url },
      { name: "answers", url: answers.url },
    ],
    listeners: [{ name: "in", filters: [{ name: "other", wasm, vmId: "one", config: "hello" }] }],
  };
  const proxy = await host.start(spec);
  const lines = async (): Promise<string[]> => (await proxy.logs(STREAM)).map(line => line.replace(STREAM, ""));
  const own = (headers: readonly [string, string][]): string[] =>
    headers.filter(([name]) => name.startsWith("x-") && !name.startsWith("x-envoy") && !name.startsWith("x-forwarded") && name !== "x-request-id").map(([name, value]) => `${name}: ${value}`); // biome-ignore format: one condition
  const streams: Told[] = [];
  for (const request of requests) {
    const [before, asked] = [(await lines()).length, upstream.requests.length];
    const response = await proxy.request("in", request);
    while (ended(await lines(), last) <= streams.length) await proxy.pass(10);
    const body = response.header("content-type") === "application/json" ? "" : response.body;
    const reached = upstream.requests.slice(asked).flatMap(({ headers }) => own(headers));
    streams.push({
      status: response.status,
      body,
      response: own(response.headers),
      upstream: reached,
      said: (await lines()).slice(before),
    });
  }
  // Envoy runs a plugin in its main thread and in each worker, in no order.
  const said = async (): Promise<Set<string>> => new Set((await proxy.logs(PLUGIN)).map(line => line.replace(PLUGIN, "")));
  while (awaited !== undefined && !(await said()).has(awaited)) await proxy.pass(10);
  return { plugin: [...(await said())].sort(), streams };
}
