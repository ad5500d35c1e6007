import { beforeAll, expect, it } from "vitest";
import type { WasmFilterSpec } from "../envoy/index.ts";
import { describeHosts, type HostSpec, type ProxyHost } from "../matrix.ts";
import { fixture } from "./fixture.ts";

/** Longer than the call waits, also where a loaded machine lets both run late. */
const SLOW_MS = 5_000;

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("calls");
});

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function start(host: ProxyHost, filter: Partial<WasmFilterSpec> = {}) {
  const echo = await host.upstream();
  const answer = await host.upstream({
    respond: request => ({
      status: request.path === "/busy" ? 503 : 201,
      headers: [["x-answer", "given"]],
      body: Buffer.from(`answered ${request.body}`, "latin1"),
      ...(request.path === "/slow" ? { delayMs: SLOW_MS } : {}),
    }),
  });
  const proxy = await host.start({
    clusters: [
      { name: "echo", url: echo.url },
      { name: "answer", url: answer.url },
      { name: "dead", url: "http://127.0.0.1:1" },
    ],
    listeners: [
      {
        name: "in",
        filters: [{ name: "doer", wasm, vmId: "one", ...filter }],
        routes: [{ header: { name: "x-route", value: "other" }, response: { status: 202, body: "rerouted" } }, { cluster: "echo" }],
      },
    ],
  });
  const saw = async (what: string, more: [string, string][] = []) => {
    const response = await proxy.request("in", { path: "/p?q=1", headers: [["x-do", what], ...more] });
    expect(response.status).toBe(200);
    const request = echo.requests.at(-1);
    return (request?.headers ?? []).filter(([name]) => name === "x-saw").map(([, value]) => Buffer.from(value, "latin1").toString());
  };
  return { proxy, saw, answer };
}

describeHosts("HTTP calls of a filter", {}, host => {
  it("tell success, timeout, a dead endpoint and an unknown cluster apart, and the request goes on", async () => {
    const { saw } = await start(host);
    expect(await saw("http")).toEqual(["http success 201"]);
    expect(await saw("http-slow")).toEqual(["http-slow failed 504"]);
    expect(await saw("http-dead")).toEqual(["http-dead failed 503"]);
    expect(await saw("http-unknown")).toEqual(["http-unknown unknown cluster"]);
    // The cluster's own 503 is an answer like any other.
    expect(await saw("http-busy")).toEqual(["http-busy success 503"]);
  });

  it("send method, body and repeated headers, take the trace along, and read the answer", async () => {
    const { saw, answer } = await start(host);
    const result = await saw("http-post", [
      ["traceparent", TRACE],
      ["tracestate", "a=1"],
      ["tracestate", "b=2"],
    ]);
    expect(result).toEqual(["body answered asked ü of 17 header given"]);
    const [request] = answer.requests;
    expect(request?.method).toBe("POST");
    expect(Buffer.from(request?.body ?? "", "latin1").toString()).toBe("asked ü");
    const values = (name: string) => request?.headers.filter(([key]) => key === name).map(([, value]) => value);
    expect(values("x-mine")).toEqual(["1", "2"]);
    expect(values("traceparent")).toEqual([TRACE]);
    expect(values("tracestate")).toEqual(["a=1", "b=2"]);
  });

  it("can be made by a plugin context", async () => {
    const { proxy } = await start(host, { config: "call" });
    await proxy.waitForLog(/plugin call 201/);
  });
});

describeHosts("what plugins share and measure", {}, host => {
  it("shared data: absent, set, compare-and-set, empty, update", async () => {
    const { saw } = await start(host);
    expect(await saw("shared")).toEqual(["absent", "set value", "stale 8", "fresh 0", "empty 0", "count 3"]);
    expect(await saw("shared")).toEqual(["there", "set value", "stale 8", "fresh 0", "empty 0", "count 6"]);
  });

  it("queues wake the plugin that registered them", async () => {
    const { saw, proxy } = await start(host);
    expect(await saw("queue")).toEqual(["queued 00", "no such queue"]);
    await proxy.waitForLog(/job j1/);
  });

  it("counters, gauges and histograms have Envoy's values, families a cap", async () => {
    const { saw, proxy } = await start(host);
    expect(await saw("metrics")).toEqual(["zero 0 counter 5", "gauge 4", "histogram 0", "series 3 other 3"]);
    expect(await proxy.metric("doer.requests")).toBe(5);
    expect(await proxy.metric("doer.level")).toBe(4);
    expect(await proxy.metric("tenant=.=acme;.;doer.tenants")).toBe(2);
    expect(await proxy.metric("tenant=.=other;.;doer.tenants")).toBe(3);
  });

  it("several timers run on the one of the host", async () => {
    const { proxy } = await start(host, { config: "timers" });
    await proxy.waitForLog(/every 3/);
    await proxy.waitForLog(/after 1/);
    await proxy.pass(300);
    expect(await proxy.logs(/every 4|after 2/)).toEqual([]);
  });
});

describeHosts("what Envoy tells and does for a filter", {}, host => {
  it("attributes, CEL expressions and filter state", async () => {
    const { saw } = await start(host);
    const seen = await saw("attributes", [
      ["x-list", "1"],
      ["x-list", "2"],
    ]);
    expect(seen).toEqual([
      "/p?q=1 GET",
      "code -1 mtls false",
      "header 1,2",
      "root doer time true",
      "no details yet",
      "cel /p true",
      "state set here",
    ]);
  });

  it("foreign functions answer rubbish with an error and never trap", async () => {
    const { saw } = await start(host);
    expect(await saw("foreign")).toEqual([
      "compressed true true",
      "rubbish true",
      "state 0",
      "read by the filter",
      "no such 1",
      "bad signature false",
      "no key true",
      "declared 0",
    ]);
  });

  it("chooses the route anew", async () => {
    const { proxy } = await start(host);
    const response = await proxy.request("in", { headers: [["x-do", "route"]] });
    expect({ status: response.status, body: response.body }).toEqual({ status: 202, body: "rerouted" });
  });

  it("keeps a snapshot of the request's headers readable in the response", async () => {
    const { proxy } = await start(host);
    const response = await proxy.request("in", { path: "/p?q=1", headers: [["x-do", "snapshot"], ["x-list", "1"], ["x-list", "2"]] }); // biome-ignore format: one request
    expect(response.header("x-snapshot")).toBe("/p?q=1 1|2|3 now null");
  });

  it("waits for a plugin that defers its end", async () => {
    const echo = await host.upstream();
    const spec = (config: string): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "deferred", wasm, vmId: "one", config }] }],
    });
    const proxy = await host.start(spec("old"));
    await proxy.request("in");
    expect(await proxy.update(spec("new"))).toMatchObject({ accepted: true });
    await proxy.drained();
    await proxy.waitForLog(/deferred/);
    await proxy.waitForLog(/finishing true/);
    await proxy.waitForLog(/deleted at last/);
  });
});
