/** Text that a filter puts together piece by piece in one callback: as much garbage as its length squared, were each text a new one. */
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let wasm = "";
beforeAll(async () => {
  wasm = await buildWithCompat("appends");
}, BUILD_MS);

describeHosts("text put together piece by piece, on compat", {}, host => {
  const start = async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "appends", wasm, config: "x" }] }],
    });
    return { echo, proxy };
  };

  it("a body of 100 kB is escaped, character by character", async () => {
    const { echo, proxy } = await start();
    const body = "a<bc".repeat(25_000);
    expect((await proxy.request("in", { method: "POST", body })).status).toBe(200);
    expect(echo.requests[0]?.body.toString()).toBe("a&lt;bc".repeat(25_000));
  });

  it("texts that are kept stay as they were", async () => {
    const { echo, proxy } = await start();
    expect((await proxy.request("in")).status).toBe(200);
    const [request] = echo.requests;
    expect(request).toHaveHeader("x-kept", "one one+++ one+++--.... one+++--.. one+++--....");
    expect(request).toHaveHeader("x-parts", "a|bc||d");
    expect(request).toHaveHeader("x-nested", ",x,xx,;;,x,xx,");
    expect(request).toHaveHeader("x-empty", "[]");
    expect(request).toHaveHeader("x-given", "start start1-2-3-");
    expect(request).toHaveHeader("x-characters", "ab abab %0aC%69B%c8A%27D ab3-");
    expect(request).toHaveHeader("x-own-characters", "<0><1><2>");
  });
});
