import { expect, it } from "vitest";
import { type EnvoySpec, EnvoyStartError, filterStateTags, startLoad } from "./index.ts";
import { describeEnvoy } from "./vitest.ts";

/** Stands for a Wasm filter: stores a request header as filter state, with Envoy's own means. */
function stateFromHeader(key: string, header: string) {
  const type = "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config";
  return {
    name: "state",
    typedConfig: {
      "@type": type,
      on_request_headers: [
        { object_key: key, factory_key: "envoy.string", format_string: { text_format_source: { inline_string: `%REQ(${header})%` } } },
      ],
    },
  };
}

describeEnvoy("driver", {}, envoy => {
  it("sends a request through to an upstream on this machine, repeated headers and high bytes included", async () => {
    const echo = await envoy.echo();
    const proxy = await envoy.start({ config: { listeners: [{ name: "ingress" }], clusters: [{ name: "echo", url: echo.url }] } });
    const response = await proxy.request("ingress", {
      method: "POST",
      path: "/a?b=c",
      headers: [
        ["x-user-id", "caf\xe9"],
        ["x-twice", "1"],
        ["x-twice", "2"],
      ],
      body: "hello",
    });
    expect(response.status).toBe(200);
    const [seen] = echo.requests;
    expect(seen).toMatchObject({ method: "POST", path: "/a?b=c", body: "hello" });
    expect(seen?.headers.filter(([name]) => name === "x-twice").map(([, value]) => value)).toEqual(["1", "2"]);
    expect(seen?.headers).toContainEqual(["x-user-id", "caf\xe9"]);
    expect(response.json()).toEqual(seen);
  });

  it("answers by itself, writes an access log and stats, and takes raw bytes", async () => {
    const proxy = await envoy.start({
      config: {
        listeners: [
          {
            name: "direct",
            routes: [{ path: "/teapot", response: { status: 418, body: "short and stout" } }, { response: { status: 200, body: "ok" } }],
            accessLog: { json: { path: "%REQ(:PATH)%", status: "%RESPONSE_CODE%" } },
          },
        ],
      },
    });
    expect((await proxy.request({ path: "/teapot" })).status).toBe(418);
    const raw = await proxy.raw("direct", "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-bad: \x7f\r\n\r\n", { until: /\r\n\r\n/ });
    expect(raw).toMatch(/^HTTP\/1\.1 400 /);
    expect((await proxy.waitForAccessLog(1))[0]).toEqual({ path: "/teapot", status: 418 });
    expect(await proxy.stat("http.direct.downstream_rq_4xx")).toBe(2);
    expect((await proxy.logs("starting main dispatch loop")).length).toBe(1);
  });

  it("has in its log what Envoy wrote a moment ago, and nothing that the driver had it write", async () => {
    const proxy = await envoy.start({ config: { listeners: [{ name: "in", routes: [{ response: { status: 200, body: "ok" } }] }] } });
    for (let times = 1; times <= 20; times++) {
      await proxy.admin("/reset_counters");
      expect(await proxy.logs(/admin path/)).toHaveLength(times);
    }
    expect((await Promise.all([1, 2, 3].map(() => proxy.logs(/admin path/)))).map(lines => lines.length)).toEqual([20, 20, 20]);
    await proxy.adminPost("/logging?level=off");
    expect(await proxy.logs(/admin path/)).toHaveLength(20);
    await proxy.stop();
    expect(await proxy.logs(/admin path/)).toHaveLength(20);
  });

  it("refuses a bad configuration with the reason from Envoy's log", async () => {
    const config: EnvoySpec = { listeners: [{ name: "a", routes: [{ cluster: "nowhere" }] }] };
    const start = envoy.start({ config });
    await expect(start).rejects.toThrow(EnvoyStartError);
    // A test runner prints what can be enumerated; the whole log is there for who asks.
    const error = await start.catch((reason: EnvoyStartError) => reason);
    expect(Object.keys(error)).not.toContain("log");
    expect((error as EnvoyStartError).log.lines.length).toBeGreaterThan(10);
    await expect(start).rejects.toThrow(/nowhere/);
  });

  it("refuses a configuration that breaks a rule of Envoy's with the rule, which stands behind the configuration's text", async () => {
    const route = { match: { safe_regex: { regex: "" } } };
    const start = envoy.start({ config: { listeners: [{ name: "a", routes: [{ response: { status: 200 }, route }] }] } });
    const { message } = (await start.catch((reason: unknown) => reason)) as Error;
    expect(message.match(/value length must be at least 1 characters/g)).toHaveLength(1);
  });

  it("replaces listeners under way, and keeps the old ones when the new are refused", async () => {
    const answering = (body: string): EnvoySpec => ({
      listeners: [{ name: "a", routes: [{ response: { status: 200, body } }] }],
      dynamicListeners: true,
    });
    const proxy = await envoy.start({ config: answering("one") });
    expect((await proxy.request("a")).body).toBe("one");
    expect(await proxy.update(answering("two"))).toEqual({ accepted: true, reasons: [] });
    expect((await proxy.request("a")).body).toBe("two");
    const bad = await proxy.update({ listeners: [{ name: "a", routes: [{ cluster: "nowhere" }] }] });
    expect(bad.accepted).toBe(false);
    expect(bad.reasons.join("\n")).toContain("nowhere");
    expect((await proxy.request("a")).body).toBe("two");
    const more = answering("three");
    more.listeners.push({ name: "b", routes: [{ response: { status: 200, body: "b" } }] });
    expect((await proxy.update(more)).accepted).toBe(true);
    expect((await proxy.request("b")).body).toBe("b");
  });

  it("loses no request while listeners are replaced under load", async () => {
    const answering = (body: string): EnvoySpec => ({
      listeners: [{ name: "a", routes: [{ response: { status: 200, body } }] }],
      dynamicListeners: true,
    });
    const proxy = await envoy.start({ config: answering("0"), drainTimeS: 3, drainStrategy: "immediate" });
    const load = startLoad(proxy, "a");
    for (const body of ["1", "2"]) {
      await load.more(200);
      expect((await proxy.update(answering(body))).accepted).toBe(true);
      await proxy.drained();
    }
    const { sent, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(400);
  });
});

describeEnvoy("driver and tracer", { versions: ["1.40.0"] }, envoy => {
  it("decodes the spans that Envoy exports, with custom tags from filter state, header, literal and resource", async () => {
    const receiver = await envoy.receiver();
    const proxy = await envoy.start({
      config: {
        node: { metadata: { CLUSTER_ID: "cluster-a" } },
        tracing: {
          otlp: receiver.url,
          service: "shop",
          customTags: {
            ...filterStateTags(["user.id", "absent"]),
            tenant: { header: "x-tenant-id", default: "none" },
            app: { literal: "v1" },
            cluster: "%CEL(xds.node.metadata.CLUSTER_ID)%",
          },
        },
        listeners: [{ name: "in", filters: [stateFromHeader("wasm.span.attributes.user.id", "x-user-id")] }],
      },
    });
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    await proxy.request("in", {
      path: "/cart",
      headers: [
        ["x-user-id", "u42"],
        ["traceparent", `00-${trace}-00f067aa0ba902b7-01`],
        ["tracestate", "a=b"],
      ],
    });
    const [span] = await receiver.waitForSpans(1);
    expect(span).toMatchObject({ traceId: trace, parentSpanId: "00f067aa0ba902b7", kind: "SERVER", service: "shop", traceState: "a=b" });
    expect(span?.attributes).toMatchObject({ "user.id": "u42", tenant: "none", app: "v1", cluster: "cluster-a", "http.method": "GET" });
    expect(span?.attributes).not.toHaveProperty("absent");
    expect(span?.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(span?.durationMs).toBeGreaterThan(0);
    expect(receiver.errors()).toEqual([]);
  });
});
