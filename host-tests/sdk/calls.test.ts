import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { chooseRun, type EchoedRequest, type EnvoySpec, type FilterSpec, statsTags } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { fixture } from "./fixture.ts";
import { startGrpcServer } from "./grpc-server.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("calls");
});

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function start(envoy: EnvoySuite, filter: Partial<FilterSpec> = {}, bootstrap: Record<string, unknown> = {}) {
  const echo = await envoy.echo();
  const answer = await envoy.echo({
    respond: request => ({
      status: request.path === "/busy" ? 503 : 201,
      headers: [["x-answer", "given"]],
      body: Buffer.from(`answered ${request.body}`, "latin1"),
      ...(request.path === "/slow" ? { delayMs: 600 } : {}),
    }),
  });
  const grpc = await startGrpcServer((await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1");
  onTestFinished(() => grpc.stop());
  const spec: EnvoySpec = {
    bootstrap,
    clusters: [
      { name: "echo", url: echo.url },
      { name: "answer", url: answer.url },
      { name: "dead", url: "http://127.0.0.1:1" },
      { name: "grpc", url: grpc.url, http2: true },
    ],
    listeners: [
      {
        name: "in",
        filters: [{ name: "doer", wasm, vmId: "one", ...filter } as FilterSpec],
        routes: [{ header: { name: "x-route", value: "other" }, response: { status: 202, body: "rerouted" } }, { cluster: "echo" }],
      },
    ],
  };
  const proxy = await envoy.start({ config: spec, componentLogLevel: "wasm:info" });
  const saw = async (what: string, more: [string, string][] = []) => {
    const response = await proxy.request("in", { path: "/p?q=1", headers: [["x-do", what], ...more] });
    expect(response.status).toBe(200);
    return response
      .json<EchoedRequest>()
      .headers.filter(([name]) => name === "x-saw")
      .map(([, value]) => Buffer.from(value, "latin1").toString());
  };
  return { proxy, saw, answer };
}

describeEnvoy("HTTP calls of a filter", {}, envoy => {
  it("tell success, timeout, a dead endpoint and an unknown cluster apart, and the request goes on", async () => {
    const { saw } = await start(envoy);
    expect(await saw("http")).toEqual(["http success 201"]);
    expect(await saw("http-slow")).toEqual(["http-slow failed 504"]);
    expect(await saw("http-dead")).toEqual(["http-dead failed 503"]);
    expect(await saw("http-unknown")).toEqual(["http-unknown unknown cluster"]);
    // The cluster's own 503 is an answer like any other.
    expect(await saw("http-busy")).toEqual(["http-busy success 503"]);
  });

  it("send method, body and repeated headers, take the trace along, and read the answer", async () => {
    const { saw, answer } = await start(envoy);
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

  it("reach the stream that made them, many at once", async () => {
    const { saw, proxy } = await start(envoy);
    const results = await Promise.all(Array.from({ length: 30 }, () => saw("http")));
    expect(new Set(results.flat())).toEqual(new Set(["http success 201"]));
    expect(proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it("are dropped when the client has gone, and nothing traps", async () => {
    const { saw, proxy, answer } = await start(envoy);
    const { hostname, port } = new URL(proxy.url("in"));
    for (let i = 0; i < 5; i++) {
      const socket = createConnection(Number(port), hostname);
      socket.write("GET / HTTP/1.1\r\nhost: a\r\nx-do: http-slow\r\n\r\n");
      const asked = answer.requests.length;
      await answer.waitForRequests(asked + 1);
      socket.destroy();
    }
    await sleep(800);
    expect(await saw("http")).toEqual(["http success 201"]);
    expect(proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it("can be made by a plugin context", async () => {
    const { proxy } = await start(envoy, { config: "call" });
    await proxy.waitForLog(/plugin call 201/);
  });
});

describeEnvoy("gRPC calls of a filter", {}, envoy => {
  it("unary: answer, refusal, unknown cluster", async () => {
    const { saw } = await start(envoy);
    expect(await saw("grpc")).toEqual(["grpc 0 yes hello"]);
    expect(await saw("grpc-fail")).toEqual([expect.stringContaining("grpc 7 not for you")]);
    expect(await saw("grpc-unknown")).toEqual(["grpc-unknown unknown cluster"]);
  });

  it("streams: initial metadata, messages, trailing metadata, close", async () => {
    const { saw } = await start(envoy);
    expect(await saw("grpc-stream")).toEqual([
      expect.stringContaining("initial yes; message yes one; message yes two; trailing bye; closed 0"),
    ]);
  });
});

describeEnvoy("a gRPC stream that a filter cancels", {}, envoy => {
  it("is over at once: nothing more is sent, and nothing more comes", async () => {
    const { saw, proxy } = await start(envoy);
    expect(await saw("grpc-cancel")).toEqual(["cancelled 0 send 2"]);
    expect(proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});

describeEnvoy("what plugins share and measure", {}, envoy => {
  it("shared data: absent, set, compare-and-set, empty, update", async () => {
    const { saw } = await start(envoy);
    expect(await saw("shared")).toEqual(["absent", "set value", "stale 8", "fresh 0", "empty 0", "count 3"]);
    expect(await saw("shared")).toEqual(["there", "set value", "stale 8", "fresh 0", "empty 0", "count 6"]);
  });

  it("queues wake the plugin that registered them", async () => {
    const { saw, proxy } = await start(envoy);
    expect(await saw("queue")).toEqual(["queued 00", "no such queue"]);
    await proxy.waitForLog(/job j1/);
  });

  it("counters, gauges and histograms have Envoy's values, families a cap", async () => {
    const { saw, proxy } = await start(envoy);
    expect(await saw("metrics")).toEqual(["zero 0 counter 5", "gauge 4", "histogram 0", "series 3 other 3"]);
    expect(await proxy.stat("wasmcustom.doer.requests")).toBe(5);
    expect(await proxy.stat("wasmcustom.doer.level")).toBe(4);
    expect(await proxy.stat("wasmcustom.doer.tenants;tenant=acme")).toBe(2);
    expect(await proxy.stat("wasmcustom.doer.tenants;tenant=other")).toBe(3);
  });

  it("families become labels in Prometheus by the generated stats_tags", async () => {
    const { proxy, saw } = await start(envoy, {}, { stats_config: { stats_tags: statsTags(["tenant"]) } });
    await saw("metrics");
    const lines = (await proxy.admin("/stats/prometheus")).split("\n").filter(line => line.includes("doer_tenants{"));
    const counted = Object.fromEntries(lines.map(line => [/tenant="([^"]*)"/.exec(line)?.[1], Number(line.split(" ").at(-1))]));
    expect(counted).toEqual({ acme: 2, globex: 1, other: 3 });
  });

  it("several timers run on the one of the host", async () => {
    const { proxy } = await start(envoy, { config: "timers" });
    await proxy.waitForLog(/every 3/);
    await proxy.waitForLog(/after 1/);
    await sleep(300);
    expect(proxy.logs(/every 4|after 2/)).toEqual([]);
  });
});

describeEnvoy("what Envoy tells and does for a filter", {}, envoy => {
  it("attributes, CEL expressions and filter state", async () => {
    const { saw } = await start(envoy);
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
    const { saw } = await start(envoy);
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
    const { proxy } = await start(envoy);
    const response = await proxy.request("in", { headers: [["x-do", "route"]] });
    expect({ status: response.status, body: response.body.toString() }).toEqual({ status: 202, body: "rerouted" });
  });

  it("keeps a snapshot of the request's headers readable in the response", async () => {
    const { proxy } = await start(envoy);
    const response = await proxy.request("in", { path: "/p?q=1", headers: [["x-do", "snapshot"], ["x-list", "1"], ["x-list", "2"]] }); // biome-ignore format: one request
    expect(response.header("x-snapshot")).toBe("/p?q=1 1|2|3 now null");
  });

  it("waits for a plugin that defers its end", async () => {
    const echo = await envoy.echo();
    const spec = (config: string): EnvoySpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "deferred", wasm, vmId: "one", config } as FilterSpec] }],
    });
    const proxy = await envoy.start({ config: spec("old"), drainTimeS: 1, componentLogLevel: "wasm:info" });
    await proxy.request("in", {});
    expect(await proxy.update(spec("new"))).toMatchObject({ accepted: true });
    await proxy.waitForLog(/deferred/);
    await proxy.waitForLog(/finishing true/);
    await proxy.waitForLog(/deleted at last/);
  });
});
