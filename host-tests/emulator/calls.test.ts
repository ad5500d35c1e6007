import { beforeAll, describe, expect, it } from "vitest";
import { buildProbe } from "../conformance/build.ts";
import "../matchers.ts";
import { createHost, type HostOptions } from "../host/index.ts";
import { fixture } from "../sdk/fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await buildProbe();
});

/** The conformance probe does what the header x-mode says, and logs every call. */
function probe(options: HostOptions = {}) {
  const host = createHost({ clusters: { echo: "manual", grpc: "manual" }, ...options });
  host.plugin({ wasm, name: "probe", vmId: "probe-vm", config: "probe brief" });
  return {
    host,
    send: (mode: string, body?: string) => host.request({ headers: [["x-mode", mode]], ...(body === undefined ? {} : { body }) }),
  };
}

describe("HTTP calls of a filter", () => {
  it("wait for the test's answer, and the stream goes on", () => {
    const { host, send } = probe();
    const exchange = send("call");
    expect(exchange.done).toBe(false);
    const [call] = host.httpCalls;
    expect(call).toMatchObject({ cluster: "echo", method: "POST", path: "/called?a=b", timeoutMs: 10_000 });
    expect(call?.body.toString()).toBe("body");
    call?.respond({ status: 202, body: "answer" });
    expect(host).toHaveLogged(/http_call_response get_buffer\(call_body\) = 0 'answer'/);
    expect(exchange.status).toBe(200);
    expect(exchange.upstream).toHaveHeader("x-after-call");
    expect(() => call?.respond()).toThrow(/is answered already/);
  });

  it("time out when the test moves the clock", () => {
    const { host, send } = probe();
    const exchange = send("call");
    host.advance(9_999);
    expect(exchange.done).toBe(false);
    host.advance(1);
    expect(host).toHaveLogged(/get_value\(call_headers, :status\) = 0 '504'/);
    expect(exchange.status).toBe(200);
  });

  it("fail as when the connection breaks", () => {
    const { host, send } = probe();
    send("call");
    host.httpCalls[0]?.fail();
    expect(host).toHaveLogged(/http_call_response get_status = 0 11 'reset'/);
  });

  it("are answered by a cluster's function", () => {
    const { send } = probe({ clusters: { echo: request => ({ status: 200, body: `to ${request.path}` }) } });
    expect(send("call").status).toBe(200);
  });

  it("of a stream that has ended do no harm", () => {
    const { host, send } = probe();
    const exchange = send("call");
    exchange.disconnect();
    expect(host.liveStreams).toEqual([]);
    host.httpCalls[0]?.respond();
    expect(host).not.toHaveLogged(/failed/, "error");
  });
});

describe("gRPC calls of a filter", () => {
  it("fail with 13, INTERNAL, where a unary one ends well without a message", async () => {
    const host = createHost({ clusters: { grpc: "manual" } });
    host.plugin({ wasm: await fixture("calls"), name: "doer" });
    const exchange = host.open().sendHeaders({ headers: [["x-do", "grpc"]] }, true);
    host.grpcCalls[0]?.close(0);
    expect(exchange.upstream).toHaveHeader("x-saw", "grpc 13");
  });

  it("play with the test as the server", () => {
    const { host, send } = probe();
    const exchange = send("grpc-stream-Talk");
    const [call] = host.grpcCalls;
    expect(call).toMatchObject({ kind: "stream", cluster: "grpc", service: "probe.Service", method: "Talk" });
    expect(call?.metadata.get("x-meta")).toBe("1");
    expect(call?.messages.map(String)).toEqual(["hello"]);
    call?.initialMetadata([["x-initial", "i"]]);
    call?.message("well");
    call?.trailingMetadata([["x-trailing", "t"]]);
    call?.close(5, "gone");
    for (const line of [
      /metadata get_value\(x-initial\) = 0 'i'/,
      /grpc_message\) = 0 'well'/,
      /get_value\(x-trailing\) = 0 't'/,
      /5 'gone/,
    ]) {
      expect(host).toHaveLogged(line);
    }
    expect(exchange.status).toBe(200);
    expect(() => call?.message("late")).toThrow(/message on the stream probe\.Service\/Talk, which is closed/);
  });
});

describe("strict mode", () => {
  it("finds calls that nobody answered, and streams that are still there", () => {
    const { host, send } = probe({ strict: { calls: true, contexts: true } });
    send("call");
    expect(() => host.strict.check()).toThrow(
      /strict: the call to echo\/called\?a=b is not answered; stream context 2 of probe is still there/,
    );
    expect(() => host.close()).toThrow(/is not answered/);
  });

  it("finds hostcalls that failed", () => {
    const { host, send } = probe({ strict: { hostcalls: true } });
    // Trying everything out, the probe has made many.
    send("all");
    expect(() => host.strict.check()).toThrow(/env\.proxy_set_effective_context\(99999\) answered 2/);
  });

  it("finds memory that grows", () => {
    const { host, send } = probe({ strict: { memory: true } });
    for (let i = 0; i < 20; i++) send("");
    expect(() => host.strict.check()).not.toThrow();
    // The probe never frees.
    for (let i = 0; i < 4; i++) send("all");
    expect(() => host.strict.check()).toThrow(/the memory of probe grew from \d+ to \d+ pages after 16 streams/);
  });
});

describe("what the emulator lacks", () => {
  it("is refused by name", () => {
    const { host, send } = probe();
    expect(() => send("continue-at-once")).toThrow(/does not emulate continue_stream in a callback that then returns Continue/);
    expect(() => host.request({ path: "/a#b" })).toThrow(/does not emulate request paths with a fragment/);
  });
});

describe("calls to clusters with names of Istio's", () => {
  it("have the host in the name as authority, and gRPC calls to unknown ones are refused", async () => {
    const clusters = { "outbound|8080||answer.test": "manual", "outbound|9090|v1|grpc.test": "manual" } as const;
    const host = createHost({ clusters });
    host.plugin({ wasm: await fixture("calls"), name: "doer" });
    for (const what of ["http-mesh", "grpc-mesh"]) host.open().sendHeaders({ headers: [["x-do", what]] }, true);
    expect(host.httpCalls[0]?.headers.get(":authority")).toBe("answer.test");
    expect(host.grpcCalls[0]).toMatchObject({ cluster: "outbound|9090|v1|grpc.test", authority: "grpc.test" });
    const { upstream } = host.request({ headers: [["x-do", "grpc-mesh-unknown"]] });
    expect(upstream).toHaveHeader("x-saw", "grpc-mesh-unknown refused");
  });
});

describe("many calls of a filter", () => {
  it("are answered in any order, and those of streams that are gone do no harm", async () => {
    const host = createHost({ clusters: { answer: "manual" }, strict: true });
    host.plugin({ wasm: await fixture("calls"), name: "doer" });
    const open = () => host.open().sendHeaders({ headers: [["x-do", "http"]] }, true);
    const gone = Array.from({ length: 300 }, open);
    const kept = Array.from({ length: 300 }, open);
    for (const exchange of gone) exchange.disconnect();
    const later = Array.from({ length: 300 }, open);
    const calls = host.httpCalls;
    expect(calls).toHaveLength(900);
    for (const call of calls.filter((_, n) => n % 3 === 1)) call.respond({ status: 201 });
    for (const call of calls.filter((_, n) => n % 3 !== 1).reverse()) call.respond({ status: 201 });
    for (const { upstream } of [...kept, ...later]) expect(upstream).toHaveHeader("x-saw", "http success 201");
    host.close();
  });
});
