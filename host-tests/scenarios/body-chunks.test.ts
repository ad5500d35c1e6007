import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type ProxyHost, type UpstreamOptions } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("body-chunks");
});

async function start(host: ProxyHost, respond: UpstreamOptions["respond"], http2 = false) {
  const upstream = await host.upstream(respond ? { respond } : {});
  const proxy = await host.start({
    clusters: [{ name: "upstream", url: upstream.url, http2 }],
    listeners: [{ name: "in", filters: [{ name: "body-chunks", wasm }] }],
  });
  const pieces = async () => (await proxy.logs(/body-chunks: re/)).map(line => /re\w+ \d+( end)?$/.exec(line)?.[0]);
  return { proxy, upstream, pieces };
}

describeHosts("a filter that changes bodies piece by piece", {}, host => {
  it.each([false, true])("meets each piece alone, in both directions; HTTP/2: %s", async http2 => {
    const { proxy, pieces } = await start(host, () => ({ body: ["x", Buffer.from("yz"), "ende"] }), http2);
    const answer = await proxy.request("in", { method: "POST", http2, body: ["a", "bc", Buffer.from("def")] });
    expect(answer.upstream?.body).toBe("[1]A[2]BC[3]DEF");
    expect(answer.body).toBe("<1>X<2>YZ<3>ENDE");
    const request = ["request 1", "request 2", "request 3", "request 0 end"];
    expect(await pieces()).toEqual([...request, "response 1", "response 2", "response 4", "response 0 end"]);
  });

  it("goes on with a body while the test decides what comes next", async () => {
    async function* generated() {
      yield "first";
      // Only now, when the filter has seen it, comes the next.
      await proxy.waitForLog("request 5");
      yield "second";
      await proxy.waitForLog("request 6");
    }
    async function* answered() {
      yield "one";
      await proxy.waitForLog("response 3");
      yield "three";
    }
    const { proxy, pieces } = await start(host, () => ({ body: answered() }));
    const answer = await proxy.request("in", { method: "POST", body: generated() });
    expect(answer.upstream?.body).toBe("[1]FIRST[2]SECOND");
    expect(answer.body).toBe("<1>ONE<2>THREE");
    expect(await pieces()).toEqual(["request 5", "request 6", "request 0 end", "response 3", "response 5", "response 0 end"]);
  });

  it.each([false, true])("has no response when the upstream breaks off in the middle of one; HTTP/2: %s", async http2 => {
    const { proxy, pieces } = await start(host, () => ({ body: ["begin", "ning"], thenReset: true }), http2);
    await expect(proxy.request("in", { http2 })).rejects.toThrow("aborted");
    expect(await pieces()).toEqual(["response 5", "response 4"]);
  });

  it("a whole body comes whole", async () => {
    const { proxy, pieces } = await start(host, () => ({ body: "answer" }));
    expect((await proxy.request("in", { method: "POST", body: "question" })).body).toBe("<1>ANSWER");
    expect(await pieces()).toEqual(["request 8", "request 0 end", "response 6", "response 0 end"]);
  });
});
