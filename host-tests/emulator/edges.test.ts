import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type HostRequest, type HostResponse, type ProxyHost, type RunningHost } from "../matrix.ts";
import { fixture } from "../sdk/fixture.ts";

/*
 * Where a request meets HTTP itself rather than a filter: methods without a body, headers that Envoy takes out, what it answers
 * alone. Each row holds on both hosts.
 */

const NOT_FROM_CLIENTS = [
  ...["retry-on", "retry-grpc-on", "max-retries", "upstream-alt-stat-name", "upstream-rq-timeout-ms", "upstream-rq-per-try-timeout-ms"],
  ...["upstream-rq-timeout-alt-response", "expected-rq-timeout-ms", "force-trace", "ip-tags", "original-url", "hedge-on-per-try-timeout"],
  ...["retriable-status-codes", "retriable-header-names", "internal"],
]
  .map(name => `x-envoy-${name}`)
  .concat("x-forwarded-client-cert");
const CLIENTS_MAY = ["x-envoy-original-host", "x-envoy-is-timeout-retry", "x-envoy-downstream-service-cluster", "x-forwarded-host", "via"];

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("edges");
});

const FILTER = () => [{ name: "edges", wasm }];

async function start(host: ProxyHost): Promise<RunningHost> {
  const echo = await host.upstream({
    respond: ({ path }) => {
      const [, status] = /^\/answer\/(\d+)/.exec(path) ?? [];
      if (status) return { status: Number(status), headers: [["x-a", "1"]], body: "" };
      return path === "/length" ? { headers: [["content-length", "4"]], body: "four" } : undefined;
    },
  });
  return host.start({
    clusters: [
      { name: "echo", url: echo.url },
      { name: "dead", url: "http://127.0.0.1:1" },
    ],
    listeners: [
      {
        name: "in",
        filters: FILTER(),
        routes: [
          { header: { name: "x-route", value: "other" }, response: { status: 202, body: "other" } },
          ...[201, 204, 307, 403].map(status => ({ prefix: `/direct/${status}`, response: { status, body: "" } })),
          { prefix: "/dead", cluster: "dead" },
          { path: "/", cluster: "echo" },
          { prefix: "/answer", cluster: "echo" },
          { prefix: "/length", cluster: "echo" },
        ],
      },
    ],
  });
}

/** The response, and what the filter wrote until the stream was over. */
async function observe(proxy: RunningHost, request: HostRequest): Promise<{ response: HostResponse; lines: string[] }> {
  const lines = async (): Promise<string[]> => (await proxy.logs(/wasm log/)).map(line => line.replace(/^.*wasm log[^:]*: /, ""));
  const streams = async (): Promise<number> => (await proxy.logs(/ over /)).length;
  const [before, ended] = [(await lines()).length, await streams()];
  const response = await proxy.request("in", request);
  await expect.poll(streams).toBeGreaterThan(ended);
  return { response, lines: (await lines()).slice(before) };
}

const NAMES = ":authority,:path,:method,:scheme";
const OWN = "x-forwarded-proto,x-request-id";
const named = (response: HostResponse, ...names: string[]): [string, string][] => response.headers.filter(([name]) => names.includes(name));

describeHosts("at the edges of HTTP", {}, host => {
  it("ends a response without a body with its headers: to HEAD, 204, 304", async () => {
    const proxy = await start(host);
    for (const [request, status] of [
      [{ method: "HEAD" }, 200],
      [{ method: "HEAD", path: "/length" }, 200],
      [{ path: "/answer/204" }, 204],
      [{ path: "/answer/304" }, 304],
    ] as const) {
      const { response, lines } = await observe(proxy, request);
      expect(response).toMatchObject({ status, body: "" });
      expect(lines.slice(1, -1)).toEqual([`response ${status} end`]);
      expect(lines.at(-1)).toContain("sent=0");
    }
    const { response } = await observe(proxy, { method: "HEAD", path: "/length" });
    expect(named(response, "content-length", "transfer-encoding", "connection")).toEqual([
      ["content-length", "4"],
      ["connection", "close"],
    ]);
  });

  it("ends an empty body in chunks with a body callback of its own", async () => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, { path: "/answer/200" });
    expect(lines.slice(1, -1)).toEqual(["response 200", "response body end"]);
    expect(named(response, "content-length", "transfer-encoding", "connection")).toEqual([
      ["connection", "close"],
      ["transfer-encoding", "chunked"],
    ]);
  });

  it("ends a request without a body with its headers, whatever the method", async () => {
    const proxy = await start(host);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE", "patch"]) {
      const { response, lines } = await observe(proxy, { method });
      expect(response.upstream?.method).toBe(method.toUpperCase());
      expect(lines[0]).toMatch(/^request .* end$/);
      const length = /^(GET|DELETE|TRACE)$/.test(method) ? [] : [["content-length", "0"]];
      expect(response.upstream?.headers.filter(([name]) => /^(content-length|transfer-encoding)$/.test(name))).toEqual(length);
    }
  });

  it.each([
    ["te", [["te", "trailers, gzip"]], "te,"],
    ["te that asks for no trailers", [["te", "gzip"]], ""],
    ["expect", [["expect", "100-continue"]], ""],
    ["what connection names", [["connection", "x-hop, close"], ["x-hop", "1"]], ""], // biome-ignore format: a row
    ["keep-alive", [["connection", "keep-alive"], ["keep-alive", "1"], ["proxy-connection", "1"]], ""], // biome-ignore format: a row
    ["an upgrade without connection", [["upgrade", "websocket"]], ""],
    ["Envoy's own that clients may not set", NOT_FROM_CLIENTS.map(name => [name, "1"]), ""],
    ["Envoy's own that clients may set", CLIENTS_MAY.map(name => [name, "1"]), `${CLIENTS_MAY.join(",")},`],
  ] as [string, [string, string][], string][])("shows the filter of %s what is left", async (_, headers, left) => {
    const proxy = await start(host);
    const { lines } = await observe(proxy, { headers });
    expect(lines[0]).toBe(`request ${NAMES},${left}${OWN} end`);
  });

  it("lets clients set how long a stream may take before 1.40", async () => {
    const proxy = await start(host);
    const { lines } = await observe(proxy, { headers: [["x-envoy-upstream-stream-duration-ms", "1000"]] });
    expect(lines[0]?.includes("x-envoy-upstream-stream-duration-ms")).toBe(/^1\.3/.test(host.version));
  });

  it("takes white space off both ends of a value, and makes a request id when it is empty", async () => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, { headers: [["x-do", "  nothing \t"], ["x-request-id", ""]] }); // biome-ignore format: pairs
    expect(response.upstream).toHaveHeader("x-do", "nothing");
    expect(response.upstream?.headers.find(([name]) => name === "x-request-id")?.[1]).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines[0]).toBe(`request ${NAMES},x-do,x-request-id,x-forwarded-proto end`);
  });

  it("knows host as another name of :authority", async () => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, { headers: [["x-do", "host"], ["host", "shop"]] }); // biome-ignore format: pairs
    // Asked alone, after all headers were read, after it was set, and from a copy.
    expect(lines).toContain("host shop");
    expect(lines).toContain("read shop shop shop");
    expect(lines).toContain("set other.example other.example");
    expect(lines).toContain("kept other.example");
    expect(response.upstream?.headers.filter(([name]) => name === "host")).toEqual([["host", "other.example"]]);
  });

  it("chooses the route anew after every change of the request's headers", async () => {
    const proxy = await start(host);
    expect((await observe(proxy, { headers: [["x-do", "route"]] })).response.body).toBe("other");
    expect((await observe(proxy, { headers: [["x-do", "reroute all"]] })).response.body).toBe("other");
    const kept: [string, string][] = [["x-do", "nothing"], ["x-route", "other"]]; // biome-ignore format: pairs
    expect((await observe(proxy, { headers: kept })).response.body).toBe("other");
    const gone: [string, string][] = [["x-do", "unroute"], ["x-route", "other"]]; // biome-ignore format: pairs
    expect((await observe(proxy, { headers: gone })).response.status).toBe(200);
  });

  it("puts its own server header where the filter's stood", async () => {
    const proxy = await start(host);
    const { response } = await observe(proxy, { headers: [["x-do", "own-server"]] });
    expect(named(response, "server", "x-after")).toEqual([
      ["server", "envoy"],
      ["x-after", "1"],
    ]);
  });

  it.each([
    ["no-path", 404, "", "404 flags=256 details=route_not_found route=none cluster=none upstream=none failure=none sent=0"],
    ["no-proto", 404, "", "404 flags=256 details=route_not_found route=none cluster=none upstream=none failure=none sent=0"],
    ["empty-proto", 404, "", "404 flags=256 details=route_not_found route=none cluster=none upstream=none failure=none sent=0"],
    [
      "bad-name",
      503,
      "invalid header name: x:bad",
      "503 flags=262144 details=filter_removed_required_request_headers{invalid_header_name:_x:bad} route= cluster=echo upstream=some failure= sent=26",
    ],
    [
      "bad-value",
      503,
      "invalid header value for: x-bad",
      "503 flags=262144 details=filter_removed_required_request_headers{invalid_header_value_for:_x-bad} route= cluster=echo upstream=some failure= sent=31",
    ],
  ])("answers in place of the upstream when a filter did %s", async (does, status, body, over) => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, { headers: [["x-do", does]] });
    expect(response).toMatchObject({ status, body, upstream: null });
    expect(lines.slice(1)).toEqual([`response ${status}${body ? "" : " end"}`, ...(body ? ["response body end"] : []), `over ${over}`]);
  });

  it("tells in the response where the upstream is, and of the request only what is no header", async () => {
    const proxy = await start(host);
    const { lines } = await observe(proxy, { headers: [["x-do", "upstream"]] });
    expect(lines.slice(2, 4)).toEqual(["upstream in ,,", "asked none none none HTTP/1.1"]);
  });

  it("answers 502 when a filter takes the status away", async () => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, { headers: [["x-do", "no-status"]] });
    expect(response).toMatchObject({ status: 502, body: "missing required header: :status" });
    expect(lines.slice(1)).toEqual([
      "response 200",
      "over 502 flags=0 details=filter_removed_required_response_headers{missing_required_header:_:status} route= cluster=echo upstream=some failure= sent=32",
    ]);
  });

  it("says what became of a request that has no route, or whose upstream refuses connections", async () => {
    const proxy = await start(host);
    const lost = await observe(proxy, { path: "/elsewhere" });
    expect(lost.response.status).toBe(404);
    expect(lost.lines.at(-1)).toBe("over 404 flags=256 details=route_not_found route=none cluster=none upstream=none failure=none sent=0");
    const dead = await observe(proxy, { path: "/dead" });
    expect(dead.response).toMatchObject({ status: 503, upstream: null });
    expect(dead.response.body).toContain("reset reason: remote connection failure");
    expect(dead.lines.at(-1)).toMatch(
      /^over 503 flags=32 details=upstream_reset_before_response_started\{remote_connection_failure\|delayed_connect_error:_Connection_refused\} route= cluster=dead upstream=some failure=delayed connect error: Connection refused sent=\d+$/,
    );
  });

  it.each([
    ["an upgrade that is not configured", { headers: [["connection", "upgrade"], ["upgrade", "websocket"]] }, 403, "flags=0 details=upgrade_failed route= cluster=echo"], // biome-ignore format: a row
    ["OPTIONS *", { method: "OPTIONS", path: "*" }, 404, "flags=0 details=absolute_path_rejected route=none cluster=none"],
    ["a relative path", { path: "relative" }, 400, "flags=262144 details=http1.codec_error route=none cluster=none"],
    ["a method that nobody knows", { method: "BREW" }, 400, "flags=262144 details=http1.codec_error route=none cluster=none"],
    ["M-SEARCH", { method: "M-SEARCH" }, 400, "flags=262144 details=http1.codec_error route=none cluster=none"],
    ["a path that is not ASCII", { path: "/gr\xfcn" }, 400, "flags=262144 details=http1.codec_error route=none cluster=none"],
  ] as [string, HostRequest, number, string][])("answers %s alone: the filter sees only the end", async (_, request, status, over) => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, request);
    expect(response).toMatchObject({ status, upstream: null });
    expect(lines).toEqual([expect.stringMatching(/^over /)]);
    expect(lines[0]).toContain(`over ${status} ${over} upstream=none failure=none`);
  });

  it("shows no upstream request when only the filter made one", async () => {
    const [echo, aside] = [await host.upstream(), await host.upstream()];
    const proxy = await host.start({
      clusters: [
        { name: "echo", url: echo.url },
        { name: "aside", url: aside.url },
      ],
      listeners: [{ name: "in", filters: FILTER() }],
    });
    const { response } = await observe(proxy, { headers: [["x-do", "call"]] });
    expect(response).toMatchObject({ status: 403, body: "answered 200", upstream: null });
    expect(aside.requests).toHaveLength(1);
    expect((await observe(proxy, {})).response.upstream).toMatchObject({ method: "GET" });
  });

  it("says that it closes the connection when it refused what came on it", async () => {
    const proxy = await start(host);
    const closes = async (request: HostRequest): Promise<unknown> => named((await observe(proxy, request)).response, "connection");
    const kept: [string, string] = ["connection", "keep-alive"];
    expect(await closes({ headers: [kept] })).toEqual([]);
    expect(await closes({ headers: [["connection", "upgrade"], ["upgrade", "websocket"]] })).toEqual([["connection", "close"]]); // biome-ignore format: pairs
    expect(await closes({ path: "relative", headers: [kept] })).toEqual([["connection", "close"]]);
    expect(await closes({ method: "OPTIONS", path: "*", headers: [kept] })).toEqual([]);
  });

  it("adds the location to a route's own answer of 201 or 3xx", async () => {
    const proxy = await start(host);
    for (const [status, location] of [
      [201, "http://shop/direct/201?a"],
      [204, null],
      [307, "http://shop/direct/307?a"],
      [403, null],
    ] as const) {
      // biome-ignore format: pairs
      const { response } = await observe(proxy, { path: `/direct/${status}?a`, headers: [["host", "shop"]] });
      expect(response.status).toBe(status);
      expect(response.header("location")).toBe(location);
    }
  });

  it("shows no upstream request when the upstream did not get all of it", async () => {
    const proxy = await start(host);
    const headers: [string, string][] = [["x-do", "refuse-body"], ["transfer-encoding", "chunked"]]; // biome-ignore format: pairs
    const { response } = await observe(proxy, { method: "POST", headers, body: "x" });
    expect(response).toMatchObject({ status: 413, upstream: null });
  });

  it("gives the upstream no more than content-length promises, and it answers 400", async () => {
    const proxy = await start(host);
    const { response, lines } = await observe(proxy, { method: "POST", headers: [["x-do", "longer"]], body: "hello" }); // biome-ignore format: a row
    expect(response).toMatchObject({ status: 400, body: "", upstream: { body: "hello" } });
    expect(lines.slice(-3, -1)).toEqual(["response 400", "response body end"]);
  });

  it("shows no response whose length is not what content-length says", async () => {
    const proxy = await start(host);
    for (const [does, error] of [
      ["longer-response", "Parse Error"],
      ["shorter-response", "aborted"],
    ] as const) {
      // biome-ignore format: a row
      await expect(proxy.request("in", { path: "/length", headers: [["x-do", does]] })).rejects.toThrow(error);
    }
    const { response } = await observe(proxy, { method: "HEAD", path: "/length", headers: [["x-do", "longer-response"]] });
    expect(response).toMatchObject({ status: 200, body: "" });
  });

  it("refuses requests that Node's client does not send", async () => {
    const proxy = await start(host);
    await expect(proxy.request("in", { path: "/a b" })).rejects.toThrow("unescaped characters");
    await expect(proxy.request("in", { headers: [["x-a", "\x01"]] })).rejects.toThrow("Invalid character in header content");
    await expect(proxy.request("in", { headers: [["x a", ""]] })).rejects.toThrow("valid HTTP token");
  });

  it("refuses a route to a cluster that is not there", async () => {
    const listener = { name: "in", filters: FILTER(), routes: [{ prefix: "/", cluster: "nowhere" }] };
    await expect(host.start({ listeners: [listener] })).rejects.toThrow("route: unknown cluster 'nowhere'");
  });
});
