import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { EchoAnswer, EchoedRequest } from "../envoy/index.ts";
import { describeHosts, type HostResponse } from "../matrix.ts";

const wasm = "build/request-auth.wasm";
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const KEYS = [{ sha256: digest("key of u1"), user: "u1", tenant: "acme" }, { sha256: digest("key of nobody") }];
type Headers = [string, string][];
/** On a loaded machine a service that answers may take longer than the filter waits by default. */
const patient = (config: { decision?: object }): object =>
  config.decision ? { ...config, decision: { timeout_ms: 10_000, ...config.decision } } : config;

describeHosts("request-auth", {}, host => {
  const start = async (config: object, respond?: (request: EchoedRequest) => EchoAnswer | undefined, env?: Record<string, string>) => {
    const echo = await host.upstream();
    const service = await host.upstream(respond ? { respond } : {});
    const proxy = await host.start({
      clusters: [
        { name: "echo", url: echo.url },
        { name: "authz", url: service.url },
      ],
      listeners: [
        {
          name: "in",
          filters: [{ name: "request-auth", wasm, config: patient(config), ...(env ? { env } : {}) }],
          routes: [{ cluster: "echo" }],
        },
      ],
    });
    const send = (headers: Headers = [], path = "/orders") => proxy.request("in", { path, headers });
    return { proxy, send };
  };
  const seen = (response: HostResponse, name: string) =>
    response
      .json<EchoedRequest>()
      .headers.filter(([key]) => key === name)
      .map(([, value]) => value);

  it("lets a known key pass with its identity, and keeps the key to itself", async () => {
    const { send } = await start({ api_keys: { keys: KEYS } });
    const known = await send([["x-api-key", "key of u1"]]);
    expect(known.status).toBe(200);
    expect(seen(known, "x-user-id")).toEqual(["u1"]);
    expect(seen(known, "x-tenant-id")).toEqual(["acme"]);
    expect(seen(known, "x-api-key")).toEqual([]);
    const nameless = await send([["x-api-key", "key of nobody"]]);
    expect(nameless.status).toBe(200);
    expect(seen(nameless, "x-user-id")).toEqual([]);
  });

  it("refuses what is no known key", async () => {
    const { send, proxy } = await start({ api_keys: { keys: KEYS }, realm: "shop" });
    const cases: Headers[] = [
      [],
      [["x-api-key", ""]],
      [["x-api-key", "key of u2"]],
      [["x-api-key", "key of u"]],
      [["x-api-key", "key of u11"]],
      [["x-api-key", "KEY OF U1"]],
      [["x-api-key", digest("key of u1")]],
      [["x-api-key", "key of u1, key of u1"]],
      [
        ["x-api-key", "key of u1"],
        ["x-api-key", "key of u1"],
      ],
      [["x-api-key", "\xff\xfe\x80"]],
      [["x-api-key", "k".repeat(9000)]],
      [["authorization", "Bearer key of u1"]],
    ];
    for (const headers of cases) {
      const response = await send(headers);
      expect({ headers, status: response.status }).toEqual({ headers, status: 401 });
      expect(response.header("www-authenticate")).toBe('ApiKey realm="shop"');
      expect(response.header("content-type")).toBe("application/json");
      expect(response.json<object>()).toEqual({
        error: "Unauthorized",
        status: 401,
        message: "There are no valid credentials with this request.",
      });
    }
    expect(await proxy.metric("request_auth.refused")).toBe(cases.length);
  });

  it("removes an identity that a client claims, in every form, on public paths, too", async () => {
    const { send } = await start({ api_keys: { keys: KEYS }, public_paths: ["/open/*"] });
    const forged: Headers = [
      ["x-user-id", "admin"],
      ["X-User-Id", "root"],
      ["x_user_id", "admin"],
      ["x-tenant-id", "other"],
      ["x_tenant_id", "other"],
    ];
    const named = await send([...forged, ["x-api-key", "key of u1"]]);
    expect(seen(named, "x-user-id")).toEqual(["u1"]);
    expect(seen(named, "x-tenant-id")).toEqual(["acme"]);
    expect(seen(named, "x_user_id")).toEqual([]);
    for (const response of [await send([...forged, ["x-api-key", "key of nobody"]]), await send(forged, "/open/door")]) {
      expect(response.status).toBe(200);
      for (const name of ["x-user-id", "x_user_id", "x-tenant-id", "x_tenant_id"]) expect(seen(response, name)).toEqual([]);
    }
  });

  it("opens public paths as they stand, and no path that becomes one on its way", async () => {
    const { send } = await start({ api_keys: { keys: KEYS }, public_paths: ["/healthz", "/static/*"] });
    for (const path of ["/healthz", "/healthz?full=1", "/static/", "/static/a/b.css?v=1"]) {
      expect({ path, status: (await send([], path)).status }).toEqual({ path, status: 200 });
    }
    const tricks = [
      "/healthz/",
      "/healthz/x",
      "/Healthz",
      "/healthzz",
      "/static",
      "/staticx/a",
      "/static/../orders",
      "/static/..",
      "/static/./../orders",
      "/static/..%2forders",
      "/static/%2e%2e/orders",
      "/static/..;/orders",
      "/static//../orders",
      "//static/a",
      "/static/a\\..\\..\\orders",
      "/static/.%00./orders",
      "/orders?/static/",
      "/orders;/static/a",
      "/orders/%2fstatic/a",
    ];
    for (const path of tricks) expect({ path, status: (await send([], path)).status }).toEqual({ path, status: 401 });
  });

  it("answers as it is told: problem details, text, gRPC status", async () => {
    const problem = await (await start({ api_keys: { keys: KEYS }, body: "problem+json" })).send();
    expect(problem.header("content-type")).toBe("application/problem+json");
    expect(problem.json<object>()).toEqual({
      type: "about:blank",
      title: "Unauthorized",
      status: 401,
      detail: "There are no valid credentials with this request.",
    });
    const { send } = await start({ api_keys: { keys: KEYS }, body: "text" });
    expect((await send()).body).toBe("Unauthorized: There are no valid credentials with this request.\n");
    expect((await send([["content-type", "application/grpc-web"]])).body).toBe(
      "Unauthorized: There are no valid credentials with this request.\n",
    );
  });

  it("answers gRPC with its status, and with words as its message", async () => {
    for (const body of ["json", "problem+json", "text"]) {
      const { send } = await start({ api_keys: { keys: KEYS }, body });
      for (const type of ["application/grpc", "application/grpc+proto"]) {
        const answer = await send([["content-type", type]]);
        const [status, message] = ["grpc-status", "grpc-message"].map(name => answer.header(name));
        expect({ http: answer.status, type: answer.header("content-type"), status }).toEqual({
          http: 200,
          type: "application/grpc",
          status: "16",
        });
        expect(decodeURIComponent(message ?? "")).toBe("There are no valid credentials with this request.");
      }
    }
  });

  it("takes keys from the VM's environment", async () => {
    const { send } = await start({ api_keys: { env: "API_KEYS" } }, undefined, { API_KEYS: JSON.stringify(KEYS) });
    expect(seen(await send([["x-api-key", "key of u1"]]), "x-user-id")).toEqual(["u1"]);
    await expect(start({ api_keys: { env: "API_KEYS" } }, undefined, { OTHER: "[]" })).rejects.toThrow(
      /request-auth: api_keys\.env: the VM has no variable API_KEYS/,
    );
    await expect(start({ api_keys: { env: "API_KEYS" } }, undefined, { API_KEYS: '[{"sha256":"x"}]' })).rejects.toThrow(
      /request-auth: api_keys\.env: \$API_KEYS: \[0\]\.sha256: expected 64 hexadecimal digits, found string "x"/,
    );
  });

  it("knows one of 10,000 keys", async () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => ({ sha256: digest(`key ${i}`), user: `user-${i}` }));
    const { send } = await start({ api_keys: { keys } });
    for (const i of [0, 4711, 9999]) expect(seen(await send([["x-api-key", `key ${i}`]]), "x-user-id")).toEqual([`user-${i}`]);
    expect((await send([["x-api-key", "key 10000"]])).status).toBe(401);
  });

  it("asks the service about a token, with method, path and headers, and follows its answer", async () => {
    const asked: EchoedRequest[] = [];
    const { send } = await start({ decision: { cluster: "authz", path: "/decide", headers: ["x-purpose"] } }, request => {
      asked.push(request);
      const header = (name: string) => request.headers.find(([key]) => key === name)?.[1];
      if (header("authorization") === "Bearer good")
        return {
          headers: [
            ["x-user-id", "u7"],
            ["x-tenant-id", "globex"],
          ],
          body: "",
        };
      return { status: header("authorization") === "Bearer poor" ? 403 : 401, body: "" };
    });
    const good = await send([
      ["authorization", "bearer  good"],
      ["x-purpose", "test"],
      ["x-user-id", "admin"],
    ]);
    expect(seen(good, "x-user-id")).toEqual(["u7"]);
    expect(seen(good, "x-tenant-id")).toEqual(["globex"]);
    expect(asked[0]).toMatchObject({ method: "GET", path: "/decide" });
    expect(asked[0]?.headers).toEqual(
      expect.arrayContaining([
        ["x-forwarded-method", "GET"],
        ["x-forwarded-uri", "/orders"],
        ["x-purpose", "test"],
      ]),
    );
    expect((await send([["authorization", "Bearer poor"]])).status).toBe(403);
    const bad = await send([["authorization", "Bearer bad"]]);
    expect({ status: bad.status, challenge: bad.header("www-authenticate") }).toEqual({ status: 401, challenge: 'Bearer realm="mesh"' });
    const before = asked.length;
    const cases: Headers[] = [
      [],
      [["authorization", "Basic Z29vZA=="]],
      [["authorization", "Bearer"]],
      [["authorization", "Bearer "]],
      [["authorization", "Bearer two words"]],
      [["authorization", "Bearer \xff"]],
      [["authorization", `Bearer ${"t".repeat(9000)}`]],
      [["authorization", `Bearer ${"t".repeat(8192 - "Bearer ".length + 1)}`]],
      [
        ["authorization", "Bearer good"],
        ["authorization", "Bearer good"],
      ],
    ];
    for (const headers of cases) expect({ headers, status: (await send(headers)).status }).toEqual({ headers, status: 401 });
    // The service was not bothered with any of these.
    expect(asked.length).toBe(before);
    expect((await send([["authorization", `Bearer ${"t".repeat(8192 - "Bearer ".length)}`]])).status).toBe(401);
    expect(asked.length).toBe(before + 1);
  });

  it("remembers answers for their time, for the same question only, and no more of them than it may", async () => {
    let calls = 0;
    const respond = (): EchoAnswer => ({ headers: [["x-user-id", `call-${++calls}`]], body: "" });
    const cache = { ttl_ms: 60_000, max_entries: 2 };
    const { send, proxy } = await start({ decision: { cluster: "authz", cache } }, respond);
    const user = async (token: string, path = "/a") => seen(await send([["authorization", `Bearer ${token}`]], path), "x-user-id")[0];
    expect([await user("a"), await user("a"), await user("a", "/b"), await user("b"), await user("b")]).toEqual([
      "call-1",
      "call-1",
      "call-2",
      "call-3",
      "call-3",
    ]);
    // The third entry took the place of the first.
    expect([await user("a", "/b"), await user("a")]).toEqual(["call-2", "call-4"]);
    expect(await proxy.metric("request_auth.decision_cache_hits")).toBe(3);
    calls = 0;
    const forTokens = await start({ decision: { cluster: "authz", cache, per: "token" } }, respond);
    const paths = ["/a", "/b", "/c"];
    const users = [];
    for (const path of paths) users.push(seen(await forTokens.send([["authorization", "Bearer a"]], path), "x-user-id")[0]);
    expect(users).toEqual(["call-1", "call-1", "call-1"]);
    calls = 0;
    const forgetful = await start({ decision: { cluster: "authz", cache: { ttl_ms: 50 } } }, respond);
    expect((await forgetful.send([["authorization", "Bearer a"]])).status).toBe(200);
    await forgetful.proxy.pass(100);
    expect(seen(await forgetful.send([["authorization", "Bearer a"]]), "x-user-id")).toEqual(["call-2"]);
  });

  it("asks once for all who wait with the same question", async () => {
    let calls = 0;
    const { proxy } = await start({ decision: { cluster: "authz", cache: { ttl_ms: 60_000 } } }, () => ({
      headers: [["x-user-id", `call-${++calls}`]],
      body: "",
      delayMs: 300,
    }));
    const all = Array.from({ length: 5 }, () => proxy.request("in", { path: "/orders", headers: [["authorization", "Bearer a"]] }));
    await proxy.pass(400);
    for (const response of await Promise.all(all)) expect(seen(response, "x-user-id")).toEqual(["call-1"]);
    expect(calls).toBe(1);
  });

  it.each([
    ["is down", { cluster: "nowhere" }, {}],
    ["is slow", { timeout_ms: 50 }, { delayMs: 5_000 }],
    ["answers 500", {}, { status: 500 }],
    ["answers 404", {}, { status: 404 }],
    ["redirects", {}, { status: 302, headers: [["location", "/login"]] as Headers }],
    ["answers an identity with rubbish in it", {}, { headers: [["x-user-id", "\xff\xfe"]] as Headers }],
    [
      "answers two identities",
      {},
      {
        headers: [
          ["x-user-id", "a"],
          ["x-user-id", "b"],
        ] as Headers,
      },
    ],
    ["answers an identity without end", {}, { headers: [["x-user-id", "u".repeat(2000)]] as Headers }],
  ] as [string, object, EchoAnswer][])("when the service %s: denies, or lets pass without identity", async (_, decision, answer) => {
    for (const [on_error, status] of [
      ["deny", 503],
      ["allow", 200],
    ] as const) {
      const { proxy } = await start({ decision: { cluster: "authz", cache: { ttl_ms: 60_000 }, ...decision, on_error } }, () => ({
        body: "",
        ...answer,
      }));
      const waiting = proxy.request("in", {
        path: "/orders",
        headers: [
          ["authorization", "Bearer a"],
          ["x-user-id", "admin"],
        ],
      });
      await proxy.pass(600);
      const response = await waiting;
      expect(response.status).toBe(status);
      if (status === 200) expect(seen(response, "x-user-id")).toEqual([]);
      expect(await proxy.metric("request_auth.decision_errors")).toBe(1);
    }
  });

  it("refuses what it does not understand", async () => {
    const refused = (config: object) => expect(start(config)).rejects;
    await refused({}).toThrow(/request-auth: expected api_keys, decision or both, found neither/);
    await refused({ api_keys: {} }).toThrow(/request-auth: api_keys: expected keys, env or both, found neither/);
    await refused({ api_keys: { keys: [KEYS[0], KEYS[0]] } }).toThrow(
      /request-auth: api_keys\.keys\[1\]\.sha256: the same key stands there twice/,
    );
    await refused({ decision: { cluster: "authz" }, public_paths: ["/a/../b"] }).toThrow(
      /request-auth: public_paths\[0\]: expected a path such as \/healthz or \/static\/\*, in plain form, found string "\/a\/\.\.\/b"/,
    );
  });
});
