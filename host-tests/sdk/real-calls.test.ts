import { createConnection } from "node:net";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { chooseRun, type EchoedRequest, type EnvoySpec, statsTags } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { fixture } from "./fixture.ts";
import { startGrpcServer } from "./grpc-server.ts";

/** Longer than the call waits, also where a loaded machine lets both run late. */
const SLOW_MS = 5_000;

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("calls");
});

/** What needs real connections: gRPC servers, clients that go away, many requests at once, Prometheus. */
async function start(envoy: EnvoySuite, bootstrap: Record<string, unknown> = {}) {
  const echo = await envoy.echo();
  const answer = await envoy.echo({
    respond: request => ({
      status: 201,
      headers: [["x-answer", "given"]],
      body: Buffer.from(`answered ${request.body}`, "latin1"),
      ...(request.path === "/slow" ? { delayMs: SLOW_MS } : {}),
    }),
  });
  const grpc = await startGrpcServer((await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1");
  onTestFinished(() => grpc.stop());
  const spec: EnvoySpec = {
    bootstrap,
    clusters: [
      { name: "echo", url: echo.url },
      { name: "answer", url: answer.url },
      { name: "grpc", url: grpc.url, http2: true },
      { name: "outbound|8080||answer.test", url: answer.url },
      { name: "outbound|9090|v1|grpc.test", url: grpc.url, http2: true },
    ],
    listeners: [
      {
        name: "in",
        filters: [{ name: "doer", wasm, vmId: "one" }],
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
  return { proxy, saw, answer, grpc };
}

describeEnvoy("HTTP calls of a filter, at the same time", {}, envoy => {
  it("reach the stream that made them, many at once", async () => {
    const { saw, proxy } = await start(envoy);
    const results = await Promise.all(Array.from({ length: 30 }, () => saw("http")));
    expect(new Set(results.flat())).toEqual(new Set(["http success 201"]));
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it("are dropped when the client has gone, and nothing traps", async () => {
    const { saw, proxy, answer } = await start(envoy);
    const { hostname, port } = new URL(proxy.url("in"));
    for (let i = 0; i < 5; i++) {
      const socket = createConnection(Number(port), hostname);
      socket.on("error", () => {});
      socket.write("GET / HTTP/1.1\r\nhost: a\r\nx-do: http-slow\r\n\r\n");
      const asked = answer.requests.length;
      await answer.waitForRequests(asked + 1);
      socket.destroy();
    }
    // The answers that nobody waits for any more: each call runs out of time.
    await expect.poll(() => proxy.stat("cluster.answer.upstream_rq_timeout"), { timeout: 30_000 }).toBe(5);
    expect(await saw("http")).toEqual(["http success 201"]);
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
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

// Istio's names for clusters have bars, which no authority may have: an Envoy or a Go server there would answer 400.
describeEnvoy("a call to a cluster of Istio's", {}, envoy => {
  it("asks the host in the cluster's name", async () => {
    const { saw, answer, grpc } = await start(envoy);
    expect(await saw("http-mesh")).toEqual(["http-mesh success 201"]);
    expect(answer.requests.at(-1)?.headers).toContainEqual(["host", "answer.test"]);
    expect(await saw("grpc-mesh")).toEqual(["grpc 0 yes hello"]);
    expect(await saw("grpc")).toEqual(["grpc 0 yes hello"]);
    expect(grpc.authorities).toEqual(["grpc.test", "grpc"]);
  });

  it("is refused where that is not there, when it is a gRPC call", async () => {
    expect(await (await start(envoy)).saw("grpc-mesh-unknown")).toEqual(["grpc-mesh-unknown refused"]);
  });
});

describeEnvoy("a gRPC stream that a filter cancels", {}, envoy => {
  it("is over at once: nothing more is sent, and nothing more comes", async () => {
    const { saw, proxy } = await start(envoy);
    expect(await saw("grpc-cancel")).toEqual(["cancelled 0 send 2"]);
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});

describeEnvoy("metrics with labels", {}, envoy => {
  it("families become labels in Prometheus by the generated stats_tags", async () => {
    const { proxy, saw } = await start(envoy, { stats_config: { stats_tags: statsTags(["tenant"]) } });
    await saw("metrics");
    const lines = (await proxy.admin("/stats/prometheus")).split("\n").filter(line => line.includes("doer_tenants{"));
    const counted = Object.fromEntries(lines.map(line => [/tenant="([^"]*)"/.exec(line)?.[1], Number(line.split(" ").at(-1))]));
    expect(counted).toEqual({ acme: 2, globex: 1, other: 3 });
  });
});
