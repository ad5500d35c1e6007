import { expect, it } from "vitest";
import type { EchoedRequest, FilterSpec, RequestOptions } from "../envoy/index.ts";
import { filterStateTags } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { describeHosts, type ProxyHost } from "../matrix.ts";

type Settings = Record<string, unknown> | undefined;
const USER = { name: "user.id", header: "x-user-id" };

function filter(config: Settings, more: Partial<FilterSpec> = {}): FilterSpec {
  return { name: "span-attributes", wasm: "build/span-attributes.wasm", ...(config && { config }), ...more } as FilterSpec;
}

/** Starts a host with the filter; answers a function that sends a request and gives the attributes that arrived in filter state. */
async function start(host: ProxyHost, config: Settings, names: string[], more: Partial<FilterSpec> = {}, metadata = {}) {
  const echo = await host.upstream();
  const json = Object.fromEntries(names.map(name => [name, `%FILTER_STATE(wasm.span.attributes.${name}:PLAIN)%`]));
  const proxy = await host.start({
    node: { metadata },
    clusters: [{ name: "echo", url: echo.url }],
    listeners: [{ name: "in", filters: [filter(config, more)], accessLog: { json } }],
  });
  let logged = 0;
  return async (headers: RequestOptions["headers"] = []) => {
    const response = await proxy.request("in", { headers });
    expect(response.status).toBe(200);
    const entries = await proxy.waitForAccessLog(++logged, "in");
    return { attributes: entries[logged - 1], upstream: response.json<EchoedRequest>().headers };
  };
}

describeHosts("span-attributes", {}, host => {
  it("without configuration takes x-user-id, x-tenant-id and what Istio tells of the node", async () => {
    const metadata = { CLUSTER_ID: "cluster-a", NAMESPACE: "shop", LABELS: { version: "v7", "app.kubernetes.io/name": "cart" } };
    const names = ["user.id", "tenant.id", "cluster.name", "service.version", "k8s.namespace.name"];
    const send = await start(host, undefined, names, {}, metadata);
    const { attributes } = await send([
      ["x-user-id", "u42"],
      ["x-tenant-id", "acme"],
    ]);
    expect(attributes).toEqual({
      "user.id": "u42",
      "tenant.id": "acme",
      "cluster.name": "cluster-a",
      "service.version": "v7",
      "k8s.namespace.name": "shop",
    });
  });

  it("without configuration and without Istio sets only what is there", async () => {
    const send = await start(host, undefined, ["user.id", "cluster.name"]);
    expect((await send()).attributes).toEqual({ "user.id": null, "cluster.name": null });
  });

  it("adds custom_attributes to the defaults", async () => {
    const config = { custom_attributes: { "app.version": "v1.2.3", "deployment.environment": "production", replicas: 3, beta: true } };
    const send = await start(host, config, ["app.version", "deployment.environment", "replicas", "beta", "user.id"]);
    const { attributes } = await send([["x-user-id", "u42"]]);
    expect(attributes).toEqual({
      "app.version": "v1.2.3",
      "deployment.environment": "production",
      replicas: "3",
      beta: "true",
      "user.id": "u42",
    });
  });

  it("reads headers, environment, node and literals, each with a default", async () => {
    const config = {
      custom_attributes: { "app.version": "from-custom", region: "eu" },
      attributes: [
        { ...USER, default: "anonymous" },
        { name: "ui.version", header: "X-UI-Version" },
        { name: "app.version", env: "APP_VERSION" },
        { name: "zone", env: "NOT_THERE", default: "unknown" },
        { name: "label", node: "LABELS.app.kubernetes.io/name" },
        { name: "cluster.name", node: "CLUSTER_ID", default: "unknown" },
        { name: "kind", value: "sidecar" },
        { name: "method", header: ":method" },
      ],
    };
    const names = ["user.id", "ui.version", "app.version", "zone", "label", "cluster.name", "kind", "method", "region"];
    const metadata = { LABELS: { "app.kubernetes.io/name": "cart" } };
    const send = await start(host, config, names, { env: { APP_VERSION: "v9", OTHER: "x" } }, metadata);
    expect((await send([["x-ui-version", "2"]])).attributes).toEqual({
      "user.id": "anonymous",
      "ui.version": "2",
      "app.version": "v9",
      zone: "unknown",
      label: "cart",
      "cluster.name": "unknown",
      kind: "sidecar",
      method: "GET",
      region: "eu",
    });
  });

  it("tries the sources of one name in order, then custom_attributes, then the default", async () => {
    const config = {
      custom_attributes: { b: "custom" },
      attributes: [
        { name: "a", header: "x-first", default: "none" },
        { name: "a", header: "x-second" },
        { name: "b", env: "NOT_THERE", default: "none" },
      ],
    };
    const send = await start(host, config, ["a", "b"]);
    expect((await send([["x-second", "2"]])).attributes).toEqual({ a: "2", b: "custom" });
    expect((await send([["x-first", "1"], ["x-second", "2"]])).attributes?.a).toBe("1"); // biome-ignore format: one request
    expect((await send()).attributes?.a).toBe("none");
  });

  it("takes an empty header for an absent one, and the first of a repeated one", async () => {
    const send = await start(host, { attributes: [{ ...USER, default: "anonymous" }] }, ["user.id"]);
    expect((await send([["x-user-id", ""]])).attributes?.["user.id"]).toBe("anonymous");
    // The filter reads headers one by one or all at once, as the traffic before suggests: both ways have to agree.
    for (let i = 0; i < 4; i++) {
      const twice = await send([
        ["x-user-id", "first"],
        ["x-user-id", "second"],
      ]);
      expect(twice.attributes?.["user.id"]).toBe("first");
    }
  });

  it("lets no invalid UTF-8 and no control character through, and never yields the shorter value", async () => {
    const send = await start(host, { attributes: [USER], to: ["filter_state", "request_header"] }, ["user.id"]);
    const cases: [string, string][] = [
      ["admin\xff", "admin\ufffd"],
      ["admin\xe2", "admin\ufffd"],
      ["\xa1abc", "\ufffdabc"],
      ["caf\xc3\xa9", "café"],
      ["a\xc2\x85b", "a\ufffdb"],
      ["a\tb", "a\ufffdb"],
    ];
    for (const [sent, expected] of cases) {
      const { attributes, upstream } = await send([["x-user-id", sent]]);
      expect(attributes?.["user.id"]).toBe(expected);
      const header = upstream.find(([name]) => name === "x-span-user-id")?.[1] ?? "";
      expect(Buffer.from(header, "latin1").toString("utf8")).toBe(expected);
    }
  });

  it("cuts values at max_length bytes, on a character boundary", async () => {
    const config = { attributes: [USER], custom_attributes: { long: "x".repeat(50) }, max_length: 10 };
    const send = await start(host, config, ["user.id", "long"]);
    const { attributes } = await send([["x-user-id", "12345678\xe2\x82\xac9"]]);
    expect(attributes).toEqual({ "user.id": "12345678", long: "xxxxxxxxxx" });
    expect((await send([["x-user-id", "1234567\xe2\x82\xac9"]])).attributes?.["user.id"]).toBe("1234567€");
  });

  it("writes request headers that a client cannot inject", async () => {
    const config = {
      attributes: [USER, { name: "tenant.id", header: "x-tenant-id" }],
      to: ["request_header"],
      request_header_prefix: "X-Attr-",
    };
    const send = await start(host, config, ["user.id"]);
    const { attributes, upstream } = await send([
      ["x-user-id", "u42"],
      ["x-attr-user-id", "forged"],
      ["x-attr-user-id", "forged again"],
      ["x-attr-tenant-id", "forged"],
    ]);
    expect(upstream.filter(([name]) => name.startsWith("x-attr-"))).toEqual([["x-attr-user-id", "u42"]]);
    expect(attributes?.["user.id"]).toBeNull();
  });

  it("puts attributes in baggage in place of members that a client sent, and keeps the others", async () => {
    const config = { attributes: [USER, { name: "tenant.id", header: "x-tenant-id" }], to: ["baggage"] };
    const send = await start(host, config, []);
    const baggage = async (...headers: [string, string][]) => (await send(headers)).upstream.filter(([name]) => name === "baggage");
    expect(await baggage(["x-user-id", "u 42,ü"])).toEqual([["baggage", "user.id=u%2042%2C%EF%BF%BD"]]);
    expect(await baggage(["baggage", "a=1;p, user.id=forged ,b=2"], ["baggage", "tenant.id=forged"], ["x-user-id", "u42"])).toEqual([
      ["baggage", "a=1;p,b=2,user.id=u42"],
    ]);
    expect(await baggage(["baggage", "user.id=forged"])).toEqual([]);
    expect(await baggage()).toEqual([]);
  });

  it.each<[string, Settings | string, RegExp]>([
    ["text that is no JSON", "{ attributes: }", /span-attributes: configuration is no JSON: line 1, column 3: expected a key, found 'a'/],
    ["an unknown key", { atributes: [] }, /span-attributes: atributes: unknown key; expected one of custom_attributes, attributes, to/],
    ["a wrong type", { attributes: {} }, /span-attributes: attributes: expected an array, found object/],
    [
      "an item without name",
      { attributes: [USER, { header: "x" }] },
      /span-attributes: attributes\[1\]\.name: expected a non-empty string, found nothing/,
    ],
    [
      "two sources in one item",
      { attributes: [{ ...USER, env: "X" }] },
      /attributes\[0\]: expected exactly one of header, env, node, value, found 2/,
    ],
    [
      "a name that Envoy's formats cannot hold",
      { attributes: [{ name: "a:b)", header: "x" }] },
      /attributes\[0\]\.name: attribute names are .* found "a:b\)"/,
    ],
    [
      "a name that is no header name",
      { attributes: [{ name: "a", header: "x y" }] },
      /attributes\[0\]\.header: expected a header name, found string "x y"/,
    ],
    ["a limit out of bounds", { max_length: 0 }, /max_length: expected an integer from 1 to 4096, found number 0/],
    ["an unknown target", { to: ["span"] }, /to\[0\]: expected one of "filter_state", "request_header", "baggage", found string "span"/],
    ["no target", { to: [] }, /to: expected at least one of filter_state, request_header, baggage, found array/],
    [
      "names that share a request header",
      {
        attributes: [
          { name: "a.b", header: "x" },
          { name: "a-b", header: "y" },
        ],
        to: ["request_header"],
      },
      /attributes: "a.b" and "a-b" would be the same request header/,
    ],
  ])("refuses %s", async (_, config, line) => {
    const started = host.start({ listeners: [{ name: "in", filters: [filter(undefined, { config } as Partial<FilterSpec>)] }] });
    await expect(started).rejects.toThrow(line);
  });
});

describeEnvoy("span-attributes on the span of Envoy's tracer", { versions: versionsFor("filter state") }, envoy => {
  it("shows user.id, tenant.id, app.version and cluster.name", async () => {
    const echo = await envoy.echo();
    const otlp = await envoy.receiver();
    const names = ["user.id", "tenant.id", "app.version", "cluster.name"];
    const config = { custom_attributes: { "app.version": "v1.2.3" } };
    const proxy = await envoy.start({
      config: {
        node: { metadata: { CLUSTER_ID: "cluster-a" } },
        clusters: [{ name: "echo", url: echo.url }],
        tracing: { otlp: otlp.url, customTags: filterStateTags(names) },
        listeners: [{ name: "in", filters: [filter(config)] }],
      },
    });
    await proxy.request("in", {
      headers: [
        ["x-user-id", "u42"],
        ["x-tenant-id", "acme"],
      ],
    });
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes).toMatchObject({
      "user.id": "u42",
      "tenant.id": "acme",
      "app.version": "v1.2.3",
      "cluster.name": "cluster-a",
    });
  });
});

describeEnvoy("span-attributes by request header, for Envoy before 1.37", { versions: versionsFor("request header") }, envoy => {
  it("shows user.id and app.version on the span", async () => {
    const echo = await envoy.echo();
    const otlp = await envoy.receiver();
    const config = { custom_attributes: { "app.version": "v1.2.3" }, to: ["request_header"] };
    const customTags = { "user.id": { header: "x-span-user-id" }, "app.version": { header: "x-span-app-version" } };
    const proxy = await envoy.start({
      config: {
        clusters: [{ name: "echo", url: echo.url }],
        tracing: { otlp: otlp.url, customTags },
        listeners: [{ name: "in", filters: [filter(config)] }],
      },
    });
    await proxy.request("in", { headers: [["x-user-id", "u42"]] });
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes).toMatchObject({ "user.id": "u42", "app.version": "v1.2.3" });
  });
});

/** The versions that are asked for, and for request headers the old one in any case when there are several. */
function versionsFor(way: "filter state" | "request header"): string[] {
  const asked = (process.env.MESHWRIGHT_ENVOY_VERSIONS ?? "1.40.0").split(/\s+/).filter(Boolean);
  if (way === "filter state") return asked.filter(version => !version.startsWith("1.36."));
  return asked.length > 1 ? ["1.36.4"] : asked;
}
