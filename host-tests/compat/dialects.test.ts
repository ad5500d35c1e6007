/** Filters in the style of the SDKs that are not on npm. */
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let kong = "";
let higress = "";
let globals = "";
let early = "";
beforeAll(async () => {
  kong = await buildWithCompat("kong");
  higress = await buildWithCompat("higress");
  globals = await buildWithCompat("globals");
  early = await buildWithCompat("early");
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
    expect(upstream).toHaveHeader("x-answer", "201 given");
    // Calls go through the root context that was made last, whichever configuration they are for.
    expect((await proxy.request("other", {})).status).toBe(200);
    expect(echo.requests[1]).toHaveHeader("x-answer", "201 given");
  });
});
