import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, grpcAnswer, grpcFrame, grpcMessages, type ProxyHost, type UpstreamOptions } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("grpc-status");
});

async function start(host: ProxyHost, respond: UpstreamOptions["respond"], http2 = true) {
  const upstream = await host.upstream(respond ? { respond } : {});
  const proxy = await host.start({
    clusters: [{ name: "upstream", url: upstream.url, http2 }],
    listeners: [{ name: "in", filters: [{ name: "grpc-status", wasm }] }],
  });
  return { proxy, upstream };
}

const call = { method: "POST", path: "/example.Greeter/Hello", http2: true, body: grpcFrame("who?") } as const;
const headers = [["content-type", "application/grpc"], ["te", "trailers"]] as const; // biome-ignore format: pairs

describeHosts("a filter that reads trailers", {}, host => {
  it("counts answers by the status in trailers, or in the headers of one without messages", async () => {
    const { proxy, upstream } = await start(host, ({ path }) =>
      path.endsWith("Hello")
        ? grpcAnswer({ message: "it's me", trailers: [["x-more", "1"]] })
        : grpcAnswer({ status: 5, statusMessage: "no such" }),
    );
    const answer = await proxy.request("in", { ...call, headers });
    expect(grpcMessages(answer.body).map(String)).toEqual(["it's me"]);
    expect(answer.trailers).toEqual([["grpc-status", "0"], ["x-more", "1"], ["x-seen", "response"]]); // biome-ignore format: pairs
    expect(grpcMessages(answer.upstream?.body ?? "").map(String)).toEqual(["who?"]);
    expect(answer.upstream?.trailers).toBeUndefined();
    const other = await proxy.request("in", { ...call, path: "/example.Greeter/Else", headers });
    expect(other).toHaveHeader("grpc-status", "5");
    expect(other).toHaveHeader("grpc-message", "no such");
    expect(other.trailers).toEqual([]);
    await expect(proxy).toHaveMetric("grpc_answers", 1, { status: "0" });
    await expect(proxy).toHaveMetric("grpc_answers", 1, { status: "5" });
    expect(upstream.requests).toHaveLength(2);
  });

  it("reads and changes those of a request", async () => {
    const { proxy } = await start(host, undefined);
    const answer = await proxy.request("in", { ...call, trailers: [["x-checksum", "42"]] });
    expect(answer.upstream?.trailers).toEqual([["x-checksum", "42"], ["x-seen", "request"]]); // biome-ignore format: pairs
    expect(answer.json()).toMatchObject({ trailers: answer.upstream?.trailers });
  });

  it("sees those of an upstream whose client speaks HTTP/1.1; the client does not", async () => {
    const { proxy } = await start(host, () => grpcAnswer({ message: "x" }));
    const answer = await proxy.request("in", { method: "POST", headers: [["content-type", "application/grpc"]], body: grpcFrame("y") });
    expect(answer.trailers).toEqual([]);
    await expect(proxy).toHaveMetric("grpc_answers", 1, { status: "0" });
  });

  it("says what lacks where there can be none", async () => {
    const { proxy } = await start(host, () => grpcAnswer({ message: "x" }), false);
    await expect(proxy.request("in", { trailers: [["a", "b"]] })).rejects.toThrow("trailers go with http2: true");
    await expect(proxy.request("in", { http2: true })).rejects.toThrow("give the upstream's cluster http2: true");
  });
});
