import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type ProxyHost } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
let asks = "";
let refreshes = "";
beforeAll(async () => {
  wasm = await filter("grpc-watch");
  asks = await filter("grpc-asks");
  refreshes = await filter("refreshes");
});

async function start(host: ProxyHost) {
  const service = await host.grpcUpstream();
  const proxy = await host.start({
    clusters: [{ name: "service", url: service.url, http2: true }],
    listeners: [{ name: "in", filters: [{ name: "grpc-watch", wasm }], routes: [{ response: { status: 200 } }] }],
  });
  const send = async (path: string) => (await proxy.request("in", { path })).status;
  /** What the filter has written until it hears of the end. */
  const seen = async () => {
    await proxy.waitForLog("closed");
    return (await proxy.logs(/wasm log/)).map(line => line.replace(/.*wasm log grpc-watch.*?: /, ""));
  };
  await send("/open");
  return { call: await service.next(), proxy, send, seen };
}

const HEADERS = ":status=200 content-type=application/grpc";
const UNREACHED = "upstream connect error or disconnect/reset before headers. reset reason: connection termination";

describeHosts("a gRPC stream of a filter", {}, host => {
  it("goes both ways, message by message, until the server ends it", async () => {
    const { call, proxy, send, seen } = await start(host);
    expect(call.path).toBe("/example.Service/Watch");
    expect(call.headers).toEqual([
      ["host", "service"],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["x-node", "n1"],
      ["x-envoy-internal", "true"],
    ]);
    await call.metadata([["x-server", "s1"]]);
    await call.send("one");
    await proxy.waitForLog("message one");
    await send("/a");
    await send("/b");
    expect([String(await call.next()), String(await call.next())]).toEqual(["/a", "/b"]);
    await call.send("");
    await call.end({ trailers: [["x-end", "e1"]] });
    expect(await seen()).toEqual([
      `initial ${HEADERS} x-server=s1`,
      "message one 3",
      "message  0",
      "trailing grpc-status=0 x-end=e1",
      "closed 0 via_upstream",
    ]);
    expect(await call.ended()).toBe("reset");
    await expect(call.send("late")).rejects.toThrow("send() after end()");
  });

  it("is ended by the filter, and then by the server with a status", async () => {
    const { call, send, seen } = await start(host);
    await send("/last");
    expect(String(await call.next())).toBe("/last");
    expect(await call.next()).toBe(null);
    expect(await call.ended()).toBe("end");
    await call.send("bye");
    await call.end({ status: 5, statusMessage: "no such" });
    const [initial, ...more] = await seen();
    expect(initial).toMatch(new RegExp(`^initial ${HEADERS} x-envoy-upstream-service-time=\\d+$`));
    expect(more).toEqual(["message bye 3", "trailing grpc-status=5 grpc-message=no such", "closed 5 no such{via_upstream}"]);
  });

  it("is refused by a server that answers with headers alone", async () => {
    const { call, send, seen } = await start(host);
    await send("/close");
    expect(await call.ended()).toBe("end");
    await call.end({ status: 7 });
    const [initial, trailing, ...more] = await seen();
    expect(initial).toBe("initial ");
    expect(trailing).toMatch(new RegExp(`^trailing ${HEADERS} grpc-status=7 x-envoy-upstream-service-time=\\d+$`));
    expect(more).toEqual(["closed 7 via_upstream"]);
  });

  it("is cancelled by the filter, which hears no more of it", async () => {
    const { call, proxy, send } = await start(host);
    await call.send("one");
    await proxy.waitForLog("message one");
    await send("/cancel");
    expect(await call.ended()).toBe("reset");
    await expect(call.send("late")).rejects.toThrow("the filter has cancelled");
    expect(await proxy.logs("closed")).toEqual([]);
  });

  it("breaks before an answer", async () => {
    const { call, seen } = await start(host);
    await call.reset();
    expect(await seen()).toEqual([
      "initial ",
      `trailing ${HEADERS} grpc-status=14 grpc-message=${UNREACHED}`,
      `closed 14 ${UNREACHED}{upstream_reset_before_response_started{connection_termination}}`,
    ]);
  });

  it("breaks behind a message", async () => {
    const { call, proxy, seen } = await start(host);
    await call.send("one");
    await proxy.waitForLog("message one");
    await call.reset();
    expect(await seen()).toEqual([
      `initial ${HEADERS}`,
      "message one 3",
      "trailing ",
      "closed 13 upstream_reset_after_response_started{connection_termination}",
    ]);
  });
});

describeHosts("a unary call to a server that the test plays", {}, host => {
  it.each([
    ["a message", "yes", {}, "0 yes"],
    ["a status", null, { status: 5 }, "5 via_upstream"],
    ["a message and a status", "yes", { status: 9, statusMessage: "no" }, "9 no{via_upstream}"],
    ["nothing", null, {}, "13 "],
  ])("is answered with %s", async (_, message, end, got) => {
    const service = await host.grpcUpstream();
    const proxy = await host.start({
      clusters: [{ name: "service", url: service.url, http2: true }],
      listeners: [{ name: "in", filters: [{ name: "grpc-asks", wasm: asks }] }],
    });
    const sent = proxy.request("in");
    const call = await service.next();
    expect(call.headers).toEqual([
      ["host", "service"],
      ["te", "trailers"],
      ["grpc-timeout", "5000m"],
      ["content-type", "application/grpc"],
      ["x-envoy-internal", "true"],
      ["x-envoy-expected-rq-timeout-ms", "5000"],
    ]);
    expect(await call.next()).toEqual(Buffer.alloc(0));
    expect(await call.ended()).toBe("end");
    if (message !== null) await call.send(message);
    await call.end(end);
    expect((await sent).body).toBe(got);
  });
});

describeHosts("a test that waits for a request which a timer of the filter sends", {}, host => {
  it("lets the time pass that it takes", async () => {
    const service = await host.upstream({ respond: "manual" });
    const filters = [{ name: "refreshes", wasm: refreshes }];
    const proxy = await host.start({ clusters: [{ name: "service", url: service.url }], listeners: [{ name: "in", filters }] });
    (await service.next()).respond({ body: "on" });
    await proxy.waitForLog("refreshed on");
  });
});
