import { beforeAll, describe, expect, it } from "vitest";
import { envoyVersions } from "../envoy/versions.ts";
import "../matchers.ts";
import { describeHosts, type HostSpec, type HostUpstream, type ProxyHost, type RunningHost } from "../matrix.ts";
import { answer, emulatedTrace, realTrace } from "./traces.ts";

/** The same filter on another SDK, and how that SDK lets it speak. */
export interface OtherFilter {
  sdk: string;
  /** What the filter writes into `x-by` and the like. */
  by: string;
  /** Builds the module from its source; answers its path. */
  build(): Promise<string>;
  /** How a line that the filter logs reads in the host's log. */
  line(text: string): string;
  /** What the filter says of a cluster that there is not. */
  notAsked: string;
}

/** Compilers and, the first time, packages. */
const BUILD_MS = 300_000;

export interface Served {
  proxy: RunningHost;
  /** Where requests go; the cluster that the filter asks is another one. */
  upstream: HostUpstream;
  /** The filter with another configuration. */
  spec(config: string): HostSpec;
}

/** The filter with `config`, in front of an upstream, beside a cluster of answers. */
export async function serve(host: ProxyHost, wasm: string, config: string): Promise<Served> {
  const [upstream, answers] = [await host.upstream(), await host.upstream({ respond: answer })];
  const spec = (value: string): HostSpec => ({
    dynamicListeners: true,
    clusters: [
      { name: "echo", url: upstream.url },
      { name: "answers", url: answers.url },
    ],
    listeners: [{ name: "in", filters: [{ name: "other", wasm, vmId: "one", config: value }] }],
  });
  return { proxy: await host.start(spec(config)), upstream, spec };
}

/** What both filters do, on both hosts, and the trace of it, line by line. `more` adds scenarios; it gets the path of the module. */
export function describeFilter(filter: OtherFilter, more: (host: ProxyHost, wasm: () => string) => void): void {
  const { sdk, by, build, line, notAsked } = filter;
  let wasm = "";
  beforeAll(async () => {
    wasm = await build();
  }, BUILD_MS);

  describeHosts(`a filter on ${sdk}`, {}, host => {
    it("sets, replaces and removes headers", async () => {
      const { proxy, upstream } = await serve(host, wasm, "hello");
      const response = await proxy.request("in", { path: "/plain", headers: [["x-replaced", "by nobody"], ["x-removed", "1"]] }); // biome-ignore format: one request
      expect(response.status).toBe(200);
      expect(response).toHaveHeader("x-response", "hello");
      const [request] = upstream.requests;
      expect(request).toHaveHeader("x-request", "hello");
      expect(request?.headers.filter(([name]) => name === "x-replaced")).toEqual([["x-replaced", `by ${by}`]]);
      expect(request).not.toHaveHeader("x-removed");
    });

    it("asks a cluster, waits, and goes on or answers itself", async () => {
      const { proxy, upstream } = await serve(host, wasm, "hello");
      const ask = (path: string, cluster = "answers") => proxy.request("in", { path, headers: [["x-ask", cluster]] });
      expect((await ask("/asked")).status).toBe(200);
      expect(upstream.requests[0]).toHaveHeader("x-answer", "for /asked");
      const denied = await ask("/denied");
      expect(denied).toMatchObject({ status: 403, body: "not you" });
      expect(denied).toHaveHeader("x-by", by);
      // A local response passes the filter as well.
      expect(denied).toHaveHeader("x-response", "hello");
      expect((await ask("/unknown", "nowhere")).status).toBe(200);
      expect(upstream.requests.map(({ path }) => path)).toEqual(["/asked", "/unknown"]);
      expect(upstream.requests[1]).not.toHaveHeader("x-answer");
    });

    it("logs in the order of its callbacks", async () => {
      const { proxy } = await serve(host, wasm, "hello");
      // Name, root id and VM id stand before what a stream says.
      const lines = async () =>
        (await proxy.logs(/wasm log other other one: /)).map(each => each.replace(/^.*wasm log other other one: /, ""));
      await proxy.request("in", { path: "/denied", headers: [["x-ask", "answers"]] });
      await proxy.waitForLog(`: ${line("logged")}`);
      await proxy.request("in", { path: "/unknown", headers: [["x-ask", "nowhere"]] });
      await expect.poll(async () => (await lines()).filter(each => each === line("logged")).length).toBe(2);
      const said = ["request /denied", "answered 401 not you", "response 403", "logged", "request /unknown", notAsked, "response 200", "logged"]; // biome-ignore format: in order
      expect(await lines()).toEqual(said.map(line));
      expect(await proxy.logs(/\[(error|critical)\]\[wasm\]/)).toEqual([]);
    });

    it("refuses a configuration, and the old one serves on", async () => {
      const { proxy, spec } = await serve(host, wasm, "hello");
      expect(await proxy.update(spec("refused"))).toMatchObject({ accepted: false });
      expect(await proxy.request("in", {})).toHaveHeader("x-response", "hello");
    });

    more(host, () => wasm);
  });

  describe.each(envoyVersions())(`a filter on ${sdk}, Envoy %s`, version => {
    it("crosses between host and module alike in the emulator: every callback and hostcall, with its arguments and results", async () => {
      const real = await realTrace(version, wasm);
      expect(real.length).toBeGreaterThan(150);
      expect(emulatedTrace(version, wasm)).toEqual(real);
    });
  });
}
