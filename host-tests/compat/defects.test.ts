/** Each defect of the SDKs that compat stands in for, mended. */
import { createConnection } from "node:net";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { chooseRun, type EchoedRequest } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import "../matchers.ts";
import { describeHosts, type HostSpec, type ProxyHost } from "../matrix.ts";
import { startGrpcServer } from "../sdk/grpc-server.ts";
import { buildWithCompat } from "./build.ts";

/** A compiler run on a loaded machine. */
const BUILD_MS = 300_000;

let wasm = "";
let wrapped = "";
beforeAll(async () => {
  wasm = await buildWithCompat("defects");
  wrapped = await buildWithCompat("wrapped");
}, BUILD_MS);

async function start(host: ProxyHost, config = "one") {
  const echo = await host.upstream();
  const spec = (value: string): HostSpec => ({
    dynamicListeners: true,
    clusters: [{ name: "echo", url: echo.url }],
    listeners: [
      {
        name: "in",
        filters: [{ name: "defects", wasm, vmId: "one", config: value }],
        routes: [{ header: { name: "x-route", value: "other" }, response: { status: 202, body: "rerouted" } }, { cluster: "echo" }],
      },
    ],
  });
  const proxy = await host.start(spec(config));
  const saw = async (what: string, more: [string, string][] = []): Promise<string[]> => {
    const response = await proxy.request("in", { headers: [["x-do", what], ...more] });
    expect(response.status).toBe(200);
    return (response.upstream?.headers ?? []).filter(([name]) => name === "x-saw").map(([, value]) => value);
  };
  return { proxy, spec, saw };
}

describeHosts("on compat", {}, host => {
  it("a hostcall at the top level of the module does not end the host, and a metric that was made there counts", async () => {
    const { proxy, saw } = await start(host);
    await proxy.waitForLog(/started$/);
    await saw("who");
    await saw("who");
    expect(await proxy.metric("defects_requests")).toBe(2);
    await expect(proxy).not.toHaveLogged(/top level/);
  });

  it("two configurations in a VM do not mix", async () => {
    const echo = await host.upstream();
    const filter = (config: string) => ({ name: "defects", wasm, vmId: "one", config });
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [
        { name: "a", filters: [filter("first"), filter("second")] },
        { name: "b", filters: [filter("third")] },
      ],
    });
    const saw = async (listener: string) =>
      (await proxy.request(listener, { headers: [["x-do", "who"]] })).upstream?.headers
        .filter(([name]) => name === "x-saw")
        .map(([, value]) => value);
    expect(await saw("a")).toEqual(["first", "second"]);
    expect(await saw("b")).toEqual(["third"]);
    expect(await saw("a")).toEqual(["first", "second"]);
  });

  it("an update does not take the listener down when the old configuration has drained; one that is refused changes nothing", async () => {
    const { proxy, spec, saw } = await start(host);
    expect(await proxy.update(spec("refused"))).toMatchObject({ accepted: false });
    expect(await saw("who")).toEqual(["one"]);
    expect(await proxy.update(spec("two"))).toMatchObject({ accepted: true });
    await proxy.drained();
    await proxy.waitForLog(/deleted one$/);
    expect(await saw("who")).toEqual(["two"]);
    await expect(proxy).not.toHaveLogged(/Function: \w+ failed/);
  });

  it("done() ends what onDone put off", async () => {
    const { proxy, spec, saw } = await start(host, "deferred");
    expect(await proxy.update(spec("two"))).toMatchObject({ accepted: true });
    await proxy.drained();
    await proxy.waitForLog(/deferred$/);
    await proxy.pass(50);
    await proxy.waitForLog(/deleted deferred$/);
    const order = (await proxy.logs(/(deferred|finished)$/)).map(line => /\w+( deferred)?$/.exec(line)?.[0]);
    expect(order.indexOf("finished")).toBeLessThan(order.indexOf("deleted deferred"));
    expect(await saw("who")).toEqual(["two"]);
  });

  it("a value that is no UTF-8 equals no other", async () => {
    const { saw } = await start(host);
    expect(await saw("user", [["x-user-id", "admin"]])).toEqual(["admin"]);
    expect(await saw("user", [["x-user-id", "admin\xff"]])).toEqual(["somebody else"]);
    expect(await saw("user", [["x-user-id", "admin\xe2"]])).toEqual(["somebody else"]);
    expect(await saw("user", [["x-user-id", "admin\xe2\x82"]])).toEqual(["somebody else"]);
    expect(await saw("user", [["x-user-id", "\xa1dmin"]])).toEqual(["somebody else"]);
  });

  it("what is absent or refused aborts nothing", async () => {
    const { proxy, saw } = await start(host);
    expect(await saw("absent")).toEqual(["0", "still here"]);
    expect(await saw("who")).toEqual(["one"]);
    await expect(proxy).not.toHaveLogged(/abort: /);
    await expect(proxy).toHaveLogged(/replace x-a: the host answered 2$/);
  });

  it("reading a metric leaves it as it is", async () => {
    const { proxy, saw } = await start(host);
    expect(await saw("metric")).toEqual(["42 42"]);
    expect(await proxy.metric("defects_level")).toBe(42);
  });

  it("clear_route_cache has the route chosen anew", async () => {
    const { proxy } = await start(host);
    const { status, body } = await proxy.request("in", { headers: [["x-do", "route"]] });
    expect({ status, body }).toEqual({ status: 202, body: "rerouted" });
  });

  it("a header pair as text is its name and value", async () => {
    const { saw } = await start(host);
    expect(await saw("pair")).toEqual(["a:b"]);
  });

  it("objects in fields of a context live as long as it does", async () => {
    const { proxy } = await start(host);
    const ids = Array.from({ length: 300 }, (_, index) => `${index}`);
    const notes = await Promise.all(ids.map(async id => (await proxy.request("in", { headers: [["x-do", "note"], ["x-id", id]] })).header("x-note"))); // biome-ignore format: one request
    expect(notes).toEqual(ids.map(id => `kept for ${id}`));
  });

  it("nothing is written that the filter did not write, at the level debug either", async () => {
    const { proxy, saw } = await start(host);
    await proxy.setLogLevel("debug");
    const before = (await proxy.logs(/wasm log/)).length;
    await saw("who");
    expect((await proxy.logs(/wasm log/)).slice(before)).toEqual([]);
  });
});

describeHosts("a layer that makes its root context at the top level, on compat", {}, host => {
  const filter = (config: string) => ({ name: "wrapped", wasm: wrapped, vmId: "one", config });

  it("each configuration has a root context of its own", async () => {
    const echo = await host.upstream();
    const spec = (config: string): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [filter(config), filter("second")] }],
    });
    const proxy = await host.start(spec("first"));
    const words = async () =>
      (await proxy.request("in", {})).upstream?.headers.filter(([name]) => name === "x-words").map(([, value]) => value);
    expect(await words()).toEqual(["configured first", "configured second"]);
    expect(await proxy.update(spec("third"))).toMatchObject({ accepted: true });
    expect(await words()).toEqual(["configured third", "configured second"]);
    await proxy.drained();
    expect(await words()).toEqual(["configured third", "configured second"]);
    expect(await proxy.logs(/\[(error|critical)\]\[wasm\]/)).toEqual([]);
  });

  it("objects that a stream keeps as numbers live as long as it does", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [filter("x")] }] });
    const ids = Array.from({ length: 300 }, (_, index) => `${index}`);
    const replies = await Promise.all(ids.map(id => proxy.request("in", { headers: [["x-id", id]] })));
    expect(replies.map(reply => reply.header("x-kept"))).toEqual(ids.map(id => `kept for ${id}`));
    // Whose number is a variable on its way there.
    expect(replies.map(reply => reply.header("x-kept-apart"))).toEqual(ids.map(id => `kept apart for ${id}`));
  });
});

describeEnvoy("calls on compat", {}, envoy => {
  async function started() {
    const echo = await envoy.echo();
    const answers = await envoy.echo({ respond: () => ({ body: "late", delayMs: 1_000 }) });
    const grpc = await startGrpcServer((await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1");
    onTestFinished(() => grpc.stop());
    const proxy = await envoy.start({
      config: {
        clusters: [
          { name: "echo", url: echo.url },
          { name: "answers", url: answers.url },
          { name: "grpc", url: grpc.url, http2: true },
        ],
        listeners: [{ name: "in", filters: [{ name: "defects", wasm, vmId: "one", config: "one" }] }],
      },
      componentLogLevel: "wasm:info",
    });
    return { proxy, answers };
  }

  it("gRPC: a unary call, and a stream with its trailing metadata", async () => {
    const { proxy } = await started();
    const saw = async (what: string) => {
      const response = await proxy.request("in", { headers: [["x-do", what]] });
      return response.json<EchoedRequest>().headers.find(([name]) => name === "x-saw")?.[1];
    };
    expect(await saw("grpc")).toMatch(/message yes hello; answered$/);
    expect(await saw("grpc-stream")).toContain("initial yes; message yes hello; trailing bye; closed 0");
  });

  it("the callback of a stream that has ended is not called", async () => {
    const { proxy, answers } = await started();
    const { hostname, port } = new URL(proxy.url("in"));
    const socket = createConnection(Number(port), hostname);
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: a\r\nx-do: slow\r\n\r\n");
    await answers.waitForRequests(1);
    socket.destroy();
    await expect.poll(() => proxy.stat("cluster.answers.upstream_rq_completed"), { timeout: 30_000 }).toBe(1);
    // A stream that waits for its answer gets it.
    expect((await proxy.request("in", { headers: [["x-do", "slow"]] })).status).toBe(200);
    expect(await proxy.logs(/answered \d+$/)).toHaveLength(1);
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});
