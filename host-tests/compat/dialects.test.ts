/** Filters in the style of the SDKs that are not on npm. */
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let kong = "";
let gateway = "";
let higress = "";
let globals = "";
let early = "";
let shim = "";
beforeAll(async () => {
  kong = await buildWithCompat("kong");
  gateway = await buildWithCompat("gateway");
  higress = await buildWithCompat("higress");
  globals = await buildWithCompat("globals");
  early = await buildWithCompat("early");
  shim = await buildWithCompat("shim");
}, BUILD_MS);

describeHosts("filters in other dialects, on compat", {}, host => {
  it("Kong's: the only root context serves any root id; shared data, a local response", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "limit", wasm: kong, config: "2" }] }],
    });
    const ask = (user: string) => proxy.request("in", { headers: [["x-user-id", user]] });
    expect([(await ask("ann")).status, (await ask("ann")).status, (await ask("bob")).status]).toEqual([200, 200, 200]);
    const denied = await ask("ann");
    expect(denied).toMatchObject({ status: 429, body: "no more" });
    expect(denied).toHaveHeader("x-limit", "2");
  });

  it("Kong's: nginx' variables, values of the gateway and attributes with dots are text, from what Envoy has", async () => {
    const echo = await host.upstream({ respond: () => ({ status: 404, body: "none" }) });
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "gateway", wasm: gateway }] }],
    });
    const expected = {
      "ngx.request_uri": "/a%20b?c=d&e=f",
      "ngx.uri": "/a%20b",
      "ngx.args": "c=d&e=f",
      "ngx.arg_e": "f",
      "ngx.arg_none": "",
      "ngx.host": "filter.test",
      "ngx.request_method": "GET",
      "ngx.scheme": "http",
      "ngx.http_x_some_name": "some",
      "ngx.cookie_two": "2",
      "kong.service_id": "echo",
      "kong.client.protocol": "http",
      "request.url_path": "/a%20b",
      "request.headers.x-some-name": "some",
      "kong.version": "",
      "ngx.my_variable": "mine",
    };
    const reply = await proxy.request("in", {
      path: "/a%20b?c=d&e=f",
      headers: [
        ["host", "filter.test:8080"],
        ["x-some-name", "some"],
        ["cookie", "one=1; two=2"],
        ["x-ask", [...Object.keys(expected), "ngx.remote_addr", "source.address", "ngx.remote_port", "kong.request.port"].join(" ")],
      ],
    });
    const [request] = echo.requests;
    const told = request?.headers.find(([name]) => name === "x-told")?.[1] ?? "";
    const values = Object.fromEntries(told.split(" ").map(each => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]));
    expect(values).toMatchObject(expected);
    // An Envoy in a container sees the address of its bridge.
    expect(values["ngx.remote_addr"]).toMatch(/^(\d+\.){3}\d+$/);
    expect(values["source.address"]).toBe(values["ngx.remote_addr"]);
    expect(values["ngx.remote_port"]).toMatch(/^\d+$/);
    expect(values["kong.request.port"]).toMatch(/^\d+$/);
    expect(request).toHaveHeader("x-method-by-envoy", "GET");
    const status = "ngx.status=404 response.code=404 kong.response.status=404";
    expect(reply).toHaveHeader("x-told", `${status} request.path=/a%20b?c=d&e=f ngx.arg_c=d ngx.my_variable=mine`);
  });

  it("Gcore's: levels, the environment, its paths of properties; console, clock and random numbers", async () => {
    const echo = await host.upstream({ respond: () => ({ status: 404, body: "none" }) });
    const env = { NAME: "ann", PASSWORD: "secret" };
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "globals", wasm: globals, config: "x", env }] }],
    });
    expect(await proxy.request("in", { path: "/here" })).toHaveHeader("x-status", "404");
    const [request] = echo.requests;
    expect(request).toHaveHeader("x-dice", "fair");
    expect(request).toHaveHeader("x-env", "ann 6 none");
    expect(request).toHaveHeader("x-path", "/here");
    expect(request).toHaveHeader("x-store", "none");
    expect(Number(request?.headers.find(([name]) => name === "x-time")?.[1])).toBeGreaterThan(1.7e12);
    await proxy.waitForLog(/\[info\]\[wasm\].*by console$/);
    await proxy.waitForLog(/\[warning\]\[wasm\].*at its level$/);
    await expect(proxy).not.toHaveLogged(/below the level/);
  });

  it("Gcore's before 1.0: the edge's own functions come from the SDK itself, and the environment from the process", async () => {
    const echo = await host.upstream();
    const env = { NAME: "ann", PASSWORD: "secret", GREETING: "a=b" };
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "early", wasm: early, config: "x", env }] }],
    });
    await proxy.request("in");
    const [request] = echo.requests;
    expect(request).toHaveHeader("x-env", "ann 12 none");
    expect(request).toHaveHeader("x-process", "a=b 3 false");
    expect(request).toHaveHeader("x-time", /^20\d\d-\d\d-\d\dT.*Z$/);
    await proxy.waitForLog(/\[warning\]\[wasm\].*at its level$/);
    await expect(proxy).not.toHaveLogged(/below the level/);
  });

  it("Gcore's: what wasi-shim has of a process, and the SDK's smaller files", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "shim", wasm: shim, config: "x", env: { NAME: "ann" } }] }],
    });
    expect((await proxy.request("in")).status).toBe(200);
    const [request] = echo.requests;
    expect(request).toHaveHeader("x-process", "wasm32 wasm 0 ann");
    expect(request).toHaveHeader("x-clock", "true true");
    expect(request).toHaveHeader("x-random", "true true");
    expect(request).toHaveHeader("x-begun", "true true ann");
    expect(request).toHaveHeader("x-list", "ab| 2 2");
    expect(request).toHaveHeader("x-empty", "0");
    await proxy.waitForLog(/\[info\]\[wasm\].* to the output$/);
    await proxy.waitForLog(/\[info\]\[wasm\].* bytes to the output$/);
    await proxy.waitForLog(/\[error\]\[wasm\].* to the error$/);
    await proxy.waitForLog(/\[error\]\[wasm\].* Assertion failed: shown$/);
    await proxy.waitForLog(/\[info\]\[wasm\].* work: \d+ms$/);
    await proxy.waitForLog(/\[warning\]\[wasm\].* No such label 'work' for console\.time\(\)$/);
    await proxy.waitForLog(/\[info\]\[wasm\].* trace: traced 1\.5, -2\.0$/);
    await expect(proxy).not.toHaveLogged(/not shown/);
  });

  it("Higress': properties with a status, an HTTP call with a second callback", async () => {
    const echo = await host.upstream();
    const answers = await host.upstream({ respond: () => ({ status: 201, body: "given" }) });
    const proxy = await host.start({
      clusters: [
        { name: "echo", url: echo.url },
        { name: "answers", url: answers.url },
      ],
      listeners: [
        { name: "in", filters: [{ name: "higress", wasm: higress, vmId: "one", config: "x" }] },
        { name: "other", filters: [{ name: "higress", wasm: higress, vmId: "one", config: "y" }] },
      ],
    });
    expect((await proxy.request("in", {})).status).toBe(200);
    const [upstream] = echo.requests;
    expect(upstream).toHaveHeader("x-method", "GET 0");
    expect(upstream).toHaveHeader("x-missing", "0 1");
    // Under the name that Envoy had for it once, and Higress' has.
    expect(upstream).toHaveHeader("x-cluster", "echo 0");
    expect(upstream).toHaveHeader("x-answer", "201 given");
    // Calls go through the root context that was made last, whichever configuration they are for.
    expect((await proxy.request("other", {})).status).toBe(200);
    expect(echo.requests[1]).toHaveHeader("x-answer", "201 given");
  });
});
