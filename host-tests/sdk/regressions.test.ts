/**
 * Defects that other AssemblyScript SDKs have, each as the behaviour that is right. Some are held elsewhere:
 *
 *   the defect                                          the test that holds it
 *   a configuration update takes the listener down      contexts.test.ts › under load, with a drain of 2 s, loses no request and does not trap
 *   configurations of one VM mix                        contexts.test.ts › never mix: two roots, each with several configurations …
 *   invalid UTF-8 reads as another value                here
 *   objects that the SDK keeps are freed                here
 *   hostcalls at the top level crash Envoy              here
 *   debug texts are made before the level is known      here
 *   reading a metric overwrites it                      calls.test.ts › counters, gauges and histograms have Envoy's values …
 *   gRPC is unusable                                    real-calls.test.ts › unary: answer, refusal, unknown cluster
 *   trailing metadata is never delivered                real-calls.test.ts › streams: initial metadata, messages, trailing metadata, close
 *   clear_route_cache can't be linked                   calls.test.ts › chooses the route anew
 *   done() does nothing                                 calls.test.ts › waits for a plugin that defers its end
 *   a request that is to go on is sent twice            here
 *   answers reach contexts that have ended              real-calls.test.ts › are dropped when the client has gone, and nothing traps
 *   no tests                                            build/abi-table.test.ts: a hostcall or callback without a test fails
 */
import { beforeAll, expect, it } from "vitest";
import type { EchoedRequest } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { describeHosts, type ProxyHost } from "../matrix.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("regressions");
});

async function start(host: ProxyHost, rootId: string) {
  const echo = await host.upstream();
  const proxy = await host.start({
    clusters: [{ name: "echo", url: echo.url }],
    listeners: [{ name: "in", filters: [{ name: rootId, wasm }] }],
  });
  const upstreamHeader = async (name: string, headers: [string, string][]) => {
    const { status, upstream } = await proxy.request("in", { headers });
    expect(status).toBe(200);
    return upstream?.headers.find(([key]) => key === name)?.[1];
  };
  return { proxy, upstreamHeader };
}

describeHosts("regressions of other SDKs:", {}, host => {
  it("a value with invalid UTF-8 never equals a shorter one, and its bytes are all there", async () => {
    const { upstreamHeader } = await start(host, "bytes");
    const saw = (user: string) => upstreamHeader("x-saw", [["x-user-id", user]]);
    expect(await saw("admin")).toBe("admin 61 64 6d 69 6e of 5");
    expect(await saw("admin\xff")).toBe("other 61 64 6d 69 6e fffd of 6");
    expect(await saw("admin\xe2")).toBe("other 61 64 6d 69 6e fffd of 6");
    expect(await saw("admin\xe2\x82")).toBe("other 61 64 6d 69 6e fffd of 7");
    // A continuation byte takes no ASCII characters with it.
    expect(await saw("\xa1abc")).toBe("other fffd 61 62 63 of 4");
    expect(await saw("\xf0abc")).toBe("other fffd 61 62 63 of 4");
  });

  it.each(["Continue", "StopAllIterationAndWatermark"])(
    "a stream that a callback lets go on goes on once, when it then returns %s",
    async status => {
      const headers: [string, string][] = status === "Continue" ? [] : [["x-stop", "1"]];
      const echo = await host.upstream();
      const filters = [{ name: "eager", wasm }];
      const proxy = await host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters }] });
      const answer = await proxy.request("in", { method: "POST", headers, body: "a body" });
      expect(answer.status).toBe(200);
      expect(answer.headers.filter(([name]) => name === "x-passes")).toEqual([["x-passes", "once"]]);
      expect(echo.requests.map(({ body }) => body)).toEqual(["a body"]);
    },
  );

  it("a module that makes hostcalls at its top level is loaded and serves", async () => {
    const { proxy, upstreamHeader } = await start(host, "bytes");
    expect(await upstreamHeader("x-saw", [["x-user-id", "a"]])).toBe("other 61 of 1");
    await proxy.waitForLog(/at the top level$/);
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it("no text for the debug log is made while the level is above it, and the SDK itself writes none", async () => {
    const { proxy, upstreamHeader } = await start(host, "debugs");
    for (let i = 0; i < 5; i++) expect(await upstreamHeader("x-made", [])).toBe("0");
    await proxy.setLogLevel("debug");
    expect(await upstreamHeader("x-made", [])).toBe("1");
    await proxy.waitForLog(/live: \d+(, \d+){5}/);
    // What the module says at its top level may come late, from either thread.
    expect(await proxy.logs(/wasm log(?!.*at the top level$)/)).toHaveLength(1);
  });
});

// With many requests at once, which scenarios for both hosts send one after the other.
describeEnvoy("regressions of other SDKs, with many streams:", {}, envoy => {
  it("what waits for an answer outlives the garbage of hundreds of other requests", async () => {
    const echo = await envoy.echo();
    const answer = await envoy.echo({ respond: request => ({ status: 200, body: request.path, delayMs: 20 }) });
    const clusters = [
      { name: "echo", url: echo.url },
      { name: "answer", url: answer.url },
    ];
    const proxy = await envoy.start({ config: { clusters, listeners: [{ name: "in", filters: [{ name: "waits", wasm }] }] } });
    const ids = Array.from({ length: 300 }, (_, i) => `id-${i}`);
    for (let i = 0; i < ids.length; i += 30) {
      const batch = ids.slice(i, i + 30).map(async id => {
        const response = await proxy.request("in", { headers: [["x-id", id]] });
        const saw = response.json<EchoedRequest>().headers.find(([name]) => name === "x-saw");
        expect(saw?.[1]).toBe(`answer for ${id} of ${id}: /${id}`);
      });
      await Promise.all(batch);
    }
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});
