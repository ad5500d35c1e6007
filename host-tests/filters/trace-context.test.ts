import { expect, it } from "vitest";
import type { EchoedRequest } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { describeHosts, type ProxyHost } from "../matrix.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const VALID = `00-${TRACE}-${PARENT}-01`;
const NEW = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-03$/;

type Header = [string, string];

async function start(host: ProxyHost, config: Record<string, unknown> | undefined, state: string[] = []) {
  const echo = await host.upstream();
  const proxy = await host.start({
    clusters: [{ name: "echo", url: echo.url }],
    listeners: [
      {
        name: "in",
        filters: [{ name: "trace-context", wasm: "build/trace-context.wasm", ...(config && { config }) }],
        accessLog: { json: Object.fromEntries(state.map(key => [key, `%FILTER_STATE(wasm.${key}:PLAIN)%`])) },
      },
    ],
  });
  let logged = 0;
  return async (...headers: Header[]) => {
    const response = await proxy.request("in", { headers });
    expect(response.status).toBe(200);
    const all = response.json<EchoedRequest>().headers;
    const values = (name: string) => all.filter(([key]) => key === name).map(([, value]) => value);
    const log = (await proxy.waitForAccessLog(++logged, "in"))[logged - 1];
    return { traceparent: values("traceparent"), tracestate: values("tracestate"), baggage: values("baggage"), log };
  };
}

describeHosts("trace-context", {}, host => {
  it("keeps a valid parent by default, because nobody exports a span in between", async () => {
    const send = await start(host, undefined);
    const sent = await send(["traceparent", VALID], ["tracestate", "a=1, b=2"], ["baggage", "k=v"]);
    expect(sent).toMatchObject({ traceparent: [VALID], tracestate: ["a=1, b=2"], baggage: ["k=v"] });
  });

  it("starts a trace where there is none, and where the parent is malformed or repeated", async () => {
    const send = await start(host, { parent_id: "keep" });
    for (const headers of [
      [],
      [["traceparent", VALID.toUpperCase()]],
      [
        ["traceparent", VALID],
        ["traceparent", VALID],
      ],
    ] as Header[][]) {
      const { traceparent, tracestate } = await send(...headers, ["tracestate", "a=1"]);
      expect(traceparent).toEqual([expect.stringMatching(NEW)]);
      expect(traceparent[0]).not.toContain(TRACE);
      expect(tracestate).toEqual([]);
    }
  });

  it("keeps the parent of a higher version in the form of version 00", async () => {
    const send = await start(host, { parent_id: "keep" });
    expect((await send(["traceparent", `cc-${TRACE}-${PARENT}-ff-more`])).traceparent).toEqual([VALID]);
  });

  it("drops a tracestate that breaks the grammar and keeps the parent", async () => {
    const send = await start(host, { parent_id: "keep" });
    expect(await send(["traceparent", VALID], ["tracestate", "a=1,B=2"])).toMatchObject({ traceparent: [VALID], tracestate: [] });
  });

  it("renews the parent and nothing else", async () => {
    const send = await start(host, { parent_id: "renew" });
    const { traceparent, tracestate } = await send(["traceparent", VALID], ["tracestate", "a=1"]);
    expect(traceparent).toEqual([expect.stringMatching(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-01$`))]);
    expect(tracestate).toEqual(["a=1"]);
  });

  it("trusts nobody: restarts the trace, drops tracestate and baggage, keeps the old parent as an attribute", async () => {
    const key = "span.attributes.trace_context.untrusted_traceparent";
    const send = await start(host, { trust: "none" }, [key]);
    const { traceparent, tracestate, baggage, log } = await send(
      ["traceparent", VALID],
      ["tracestate", "a=1"],
      ["baggage", "user.id=admin"],
    );
    expect(traceparent).toEqual([expect.stringMatching(NEW)]);
    expect(traceparent[0]).not.toContain(TRACE);
    expect({ tracestate, baggage, old: log?.[key] }).toEqual({ tracestate: [], baggage: [], old: VALID });
    expect((await send(["traceparent", "nonsense"])).log?.[key]).toBeNull();
  });

  it("exposes the ids that go upstream to access logs", async () => {
    const keys = ["trace_context.trace_id", "trace_context.span_id", "trace_context.sampled"];
    const send = await start(host, { parent_id: "renew", expose: ["trace_id", "span_id", "sampled"] }, keys);
    for (const [flags, sampled] of [
      ["01", "true"],
      ["00", "false"],
    ]) {
      const { traceparent, log } = await send(["traceparent", `00-${TRACE}-${PARENT}-${flags}`]);
      expect(Object.values(log ?? {}).sort()).toEqual([TRACE, traceparent[0]?.slice(36, 52), sampled].sort());
    }
  });

  it("exposes nothing by default", async () => {
    const send = await start(host, {}, ["trace_context.trace_id"]);
    expect((await send(["traceparent", VALID])).log).toEqual({ "trace_context.trace_id": null });
  });

  it.each([
    [{ parent_id: "new" }, /trace-context: parent_id: expected one of "auto", "renew", "keep", found string "new"/],
    [{ trust: true }, /trace-context: trust: expected one of "all", "none", found true/],
    [{ expose: ["traceid"] }, /trace-context: expose\[0\]: expected one of "trace_id", "span_id", "sampled", found string "traceid"/],
    [{ export: {} }, /trace-context: export\.cluster: expected a non-empty string, found nothing/],
    [[], /trace-context: configuration: expected an object, found array/],
  ])("refuses %j", async (config, line) => {
    const filters = [{ name: "trace-context", wasm: "build/trace-context.wasm", config }];
    await expect(host.start({ listeners: [{ name: "in", filters }] })).rejects.toThrow(line);
  });
});

describeEnvoy("trace-context behind Envoy's own tracer", {}, envoy => {
  it.each(["keep", "renew"])("does no harm with parent_id %s: one trace, the upstream's parent is the exported span", async parentId => {
    const echo = await envoy.echo();
    const otlp = await envoy.receiver();
    const proxy = await envoy.start({
      config: {
        clusters: [{ name: "echo", url: echo.url }],
        tracing: { otlp: otlp.url },
        listeners: [
          { name: "in", filters: [{ name: "trace-context", wasm: "build/trace-context.wasm", config: { parent_id: parentId } }] },
        ],
      },
    });
    for (const headers of [[["traceparent", VALID]], []] as Header[][]) {
      const before = otlp.spans().length;
      const response = await proxy.request("in", { headers });
      const upstream = response.json<EchoedRequest>().headers.filter(([name]) => name === "traceparent");
      const span = (await otlp.waitForSpans(before + 1)).at(-1);
      expect(upstream).toEqual([["traceparent", `00-${span?.traceId}-${span?.spanId}-01`]]);
      if (headers.length > 0) expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    }
  });
});
