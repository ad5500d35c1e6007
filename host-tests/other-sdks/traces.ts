import { startEcho, startEnvoy } from "../envoy/index.ts";
import { createHost } from "../host/index.ts";

const REQUESTS: readonly (readonly [path: string, cluster: string | null])[] = [
  ["/plain", null],
  ["/asked", "answers"],
  ["/denied", "answers"],
  ["/unknown", "nowhere"],
];
const BODY = "the upstream's";
const NAME = "other";
const CONFIG = "hello";

/** What a cluster of answers says to a filter that asks. */
export function answer({ path }: { path: string }): { status: number; body: string } {
  return path === "/denied" ? { status: 401, body: "not you" } : { status: 200, body: `for ${path}` };
}

const client = (path: string, cluster: string | null) => ({
  path,
  // Of one length on both hosts, for a module that reads all headers at once.
  headers: [["host", "filter.test"] as [string, string], ...(cluster === null ? [] : [["x-ask", cluster] as [string, string]])],
});

/** Every crossing between the emulator and the module, from the module's start to the end of the last request. */
export function emulatedTrace(version: string, wasm: string): string[] {
  // What Node's server adds, as the module counts headers.
  const added: [string, string][] = [
    ["date", new Date().toUTCString()],
    ["connection", "keep-alive"],
    ["keep-alive", "timeout=60"],
    ["transfer-encoding", "chunked"],
  ];
  const json: [string, string] = ["content-type", "application/json"];
  const answers = (request: { path: string }) => ({ ...answer(request), headers: [json, ...added] });
  const host = createHost({ version, clusters: { answers } });
  host.plugin({ wasm, name: NAME, config: CONFIG });
  for (const [path, cluster] of REQUESTS) {
    host.request({ ...client(path, cluster), upstream: () => ({ status: 200, headers: [json, ...added], body: BODY }) });
  }
  const { lines } = host.trace;
  host.close();
  return lines;
}

/** The same on the real Envoy, which writes its crossings to the log at the level trace. */
export async function realTrace(version: string, wasm: string): Promise<string[]> {
  const upstream = await startEcho({ respond: () => ({ body: BODY }) });
  const answers = await startEcho({ respond: answer });
  const clusters = [
    { name: "echo", url: upstream.url },
    { name: "answers", url: answers.url },
  ];
  const listeners = [{ name: "in", filters: [{ name: NAME, wasm, config: CONFIG }] }];
  try {
    const envoy = await startEnvoy({ version, config: { clusters, listeners }, componentLogLevel: "wasm:trace" });
    try {
      for (const [path, cluster] of REQUESTS) {
        const from = envoy.log.lines.length;
        await envoy.request("in", client(path, cluster));
        await envoy.waitForLog("[host<-vm] proxy_on_delete return", { from });
      }
      return crossings(envoy.log.lines);
    } finally {
      await envoy.stop();
    }
  } finally {
    await upstream.stop();
    await answers.stop();
  }
}

const CROSSING = /^\[[^\]]*\]\[(\d+)\]\[trace\]\[wasm\] (?:\[[^\]]*\] )?(\[(?:host|vm)(?:->|<-)(?:vm|host)\] .*)$/;

/** The crossings of the thread that serves requests; the main thread has a VM of its own, which only starts the plugin. */
function crossings(lines: readonly string[]): string[] {
  const all = lines.map(line => CROSSING.exec(line)).filter(match => match !== null);
  const worker = all.find(([, , text]) => text?.includes("proxy_on_request_headers"))?.[1];
  return all.flatMap(([, thread, text]) => (thread === worker && text !== undefined ? [text] : []));
}
