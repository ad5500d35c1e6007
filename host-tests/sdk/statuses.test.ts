import { beforeAll, expect, it } from "vitest";
import { describeHosts } from "../matrix.ts";
import { fixture } from "./fixture.ts";
import { startPhases } from "./phases.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("phases");
});

// The numbers of HeadersStatus and DataStatus.
const HEADERS = { StopIteration: "1", ContinueAndEndStream: "2", StopAllIterationAndBuffer: "3", StopAllIterationAndWatermark: "4" };
const DATA = { StopIterationAndBuffer: "1", StopIterationAndWatermark: "2" };

const GOES_ON = "created, request headers, request body, response headers, response body, log, done, delete";
const LARGE = "x".repeat(50_000);

describeHosts("what a headers callback answers", {}, host => {
  it("Continue: callback after callback, to log, done and delete", async () => {
    const { run } = await startPhases(host, wasm);
    expect(await run({}, "hello")).toMatchObject({ status: 200, events: GOES_ON });
  });

  it.each(["StopIteration", "StopAllIterationAndBuffer", "StopAllIterationAndWatermark"] as const)(
    "%s: the body waits as well, until the callback of another context lets it go on",
    async status => {
      const { run } = await startPhases(host, wasm);
      expect(await run({ "request-headers": HEADERS[status] }, "hello")).toMatchObject({
        status: 200,
        upstream: { body: "hello" },
        events: GOES_ON.replace("request headers", "request headers, request resumed"),
      });
      expect(await run({ "response-headers": HEADERS[status] }, "hello")).toMatchObject({
        status: 200,
        events: GOES_ON.replace("response headers", "response headers, response resumed"),
      });
    },
  );

  it("ContinueAndEndStream: Envoy takes it for Continue", async () => {
    const { run } = await startPhases(host, wasm);
    const both = { "request-headers": HEADERS.ContinueAndEndStream, "response-headers": HEADERS.ContinueAndEndStream };
    expect(await run(both, "hello")).toMatchObject({ status: 200, upstream: { body: "hello" }, events: GOES_ON });
  });

  it("StopIteration with allow_on_headers_stop_iteration: only the headers wait, and content-length can be corrected", async () => {
    const { run } = await startPhases(host, wasm, { filter: { plugin: { allow_on_headers_stop_iteration: true } } });
    const request = await run({ "request-headers": HEADERS.StopIteration, request: "hold" }, "hello");
    expect(request.events).toContain("request headers, request body, corrected 0, response headers");
    expect(request.upstream?.body).toBe("held until it was known");
    expect(request.upstream?.headers).toContainEqual(["content-length", "23"]);
    const response = await run({ "response-headers": HEADERS.StopIteration, response: "hold" }, "hello");
    expect({ body: response.body, length: response.header("content-length") }).toEqual({ body: "another answer", length: "14" });
  });

  it("at the buffer limit, Buffer is answered with 413 and Watermark slows the sender down", async () => {
    const { run } = await startPhases(host, wasm, { listener: { bufferLimit: 10_000 } });
    expect(await run({ "request-headers": HEADERS.StopAllIterationAndBuffer }, LARGE)).toMatchObject({ status: 413 });
    expect(await run({ "request-headers": HEADERS.StopAllIterationAndWatermark }, LARGE)).toMatchObject({
      status: 200,
      upstream: { body: LARGE },
    });
  });
});

describeHosts("what a body callback answers", {}, host => {
  it.each(["StopIterationAndBuffer", "StopIterationAndWatermark"] as const)("%s: keeps what came until the rest is there", async status => {
    const { run } = await startPhases(host, wasm);
    expect(await run({ "request-body": DATA[status], "response-body": DATA[status] }, LARGE)).toMatchObject({
      status: 200,
      upstream: { body: LARGE },
    });
  });

  it("StopIterationAndBuffer: more than the limit is answered with 413", async () => {
    const { run } = await startPhases(host, wasm, { listener: { bufferLimit: 10_000 } });
    expect(await run({ "request-body": DATA.StopIterationAndBuffer }, LARGE)).toMatchObject({ status: 413 });
  });

  it("StopIterationNoBuffer: the host drops what came, and the filter sends its own", async () => {
    const { run } = await startPhases(host, wasm, { listener: { bufferLimit: 10_000 } });
    expect(await run({ request: "whole" }, LARGE)).toMatchObject({ status: 200, upstream: { body: "50000 bytes" } });
  });
});

describeHosts("a body that a filter changes", {}, host => {
  it.each([
    ["replaces in the middle", "1 3 ipp", "hippo"],
    ["inserts at the front", "0 0 >", ">hello"],
    ["replaces at the front", "0 1 J", "Jello"],
    ["inserts in the middle", "2 0 --", "he--llo"],
    ["replaces what reaches beyond the end", "2 99 y", "hey"],
    ["appends", "5 0 !", "hello!"],
    ["appends what begins beyond the end", "99 9 !", "hello!"],
    ["removes", "1 3 ", "ho"],
  ])("splice %s", async (_, splice, expected) => {
    const { run } = await startPhases(host, wasm);
    const { upstream, events } = await run({ request: `splice ${splice}` }, "hello");
    expect(upstream?.body).toBe(expected);
    expect(events).toContain(`spliced 0 to ${expected.length}, no response body 2`);
  });

  it("willChangeRequestBody and willChangeResponseBody: goes without a content-length", async () => {
    const { run } = await startPhases(host, wasm);
    const { upstream } = await run({ request: "splice 0 0 >" }, "hello");
    expect(upstream?.headers.filter(([name]) => name === "content-length")).toEqual([]);
    expect(upstream?.headers).toContainEqual(["transfer-encoding", "chunked"]);
    const response = await run({ response: "replace" });
    expect({ body: response.body, length: response.header("content-length") }).toEqual({ body: "another answer", length: null });
  });

  it("correctRequestLength answers BadArgument when the headers have gone", async () => {
    const { run } = await startPhases(host, wasm);
    expect((await run({ request: "late" }, "hello")).events).toContain("corrected 2");
  });
});
