import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type ProxyHost, type UpstreamOptions } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("rate-limit");
});

async function start(host: ProxyHost, workers: number, requests: number, options: UpstreamOptions = {}) {
  const upstream = await host.upstream(options);
  const proxy = await host.start({
    workers,
    clusters: [{ name: "upstream", url: upstream.url }],
    listeners: [{ name: "in", filters: [{ name: "rate-limit", wasm, config: { requests } }] }],
  });
  return { proxy, upstream };
}

const ofWorker = (request: { headers: [string, string][] } | null) => request?.headers.find(([name]) => name === "x-of-worker")?.[1];

describeHosts("a filter in two workers", {}, host => {
  it("counts together what either worker gets, and its own alone", async () => {
    const { proxy } = await start(host, 2, 3);
    const send = (worker?: number) => proxy.request("in", worker === undefined ? {} : { worker });
    const [first, second, third] = [await send(), await send(), await send(1)];
    expect([first, second, third].map(({ upstream }) => ofWorker(upstream))).toEqual(["1", "1", "2"]);
    expect((await send(0)).status).toBe(429);
    expect((await send(1)).status).toBe(429);
    expect((await proxy.request("in", { headers: [["x-user", "other"]] })).status).toBe(200);
  });

  it("counts those that are under way together", async () => {
    const { proxy, upstream } = await start(host, 2, 2, { respond: "manual" });
    const sent = ["/a", "/b"].map(path => proxy.request("in", { path }));
    const held = [await upstream.next(), await upstream.next()];
    expect((await proxy.request("in", { path: "/c" })).status).toBe(429);
    // Answered in the other order, each to whom it belongs.
    for (const request of held.toReversed()) request.respond({ body: `answer to ${request.path}` });
    const answers = await Promise.all(sent);
    expect(answers.map(({ body }) => body)).toEqual(["answer to /a", "answer to /b"]);
    expect(answers.map(answer => answer.upstream?.path)).toEqual(["/a", "/b"]);
    expect(answers.map(answer => ofWorker(answer.upstream))).toEqual(["1", "1"]);
  });

  it("says which workers there are", async () => {
    const { proxy } = await start(host, 1, 1);
    await expect(proxy.request("in", { worker: 1 })).rejects.toThrow(
      "worker: 1 is not there; the host has one worker, 0; start it with workers: 2",
    );
    await expect(proxy.connect("in")).rejects.toThrow('the listener "in" speaks HTTP; give it tcp: "<cluster>", or use request()');
    await expect(start(host, 0, 1)).rejects.toThrow("start: workers: 0; a host has 1 to 8 workers");
  });
});
