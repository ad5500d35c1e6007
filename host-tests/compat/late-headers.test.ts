/** Headers that a filter asks for after they have passed: Envoy has taken them away by then, other hosts have not. */
import { readFile } from "node:fs/promises";
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type HostSpec, type ProxyHost } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let wasm = "";
let changing = "";
let holding = "";
beforeAll(async () => {
  wasm = await buildWithCompat("late");
  changing = await buildWithCompat("late", "changes");
  holding = await buildWithCompat("late", "held");
}, BUILD_MS);

async function start(host: ProxyHost) {
  const echo = await host.upstream();
  const answers = await host.upstream();
  const spec: HostSpec = {
    clusters: [
      { name: "echo", url: echo.url },
      { name: "answers", url: answers.url },
    ],
    listeners: [{ name: "in", filters: [{ name: "late", wasm, config: "x" }] }],
  };
  return { proxy: await host.start(spec), echo };
}

describeHosts("headers that have passed, on compat", {}, host => {
  it("callbacks of the body and of the response read the request's headers as they left the filter", async () => {
    const { proxy } = await start(host);
    const headers: [string, string][] = [
      ["origin", "https://a.example"],
      ["x-removed", "gone"],
      ["x-many", "one"],
      ["x-many", "two"],
      ["x-id", "7"],
    ];
    const response = await proxy.request("in", { method: "POST", path: "/here?a=b", body: "text", headers });
    expect(response.status).toBe(200);
    expect(response).toHaveHeader("x-origin", "https://a.example, [https://a.example]");
    expect(response).toHaveHeader("x-variant", "B");
    expect(response).toHaveHeader("x-absent", "[]");
    expect(response).toHaveHeader("x-path", "/here?a=b");
    expect(response.header("x-host")).not.toBe("");
    expect(response.headers.filter(([name]) => name === "x-many").map(([, value]) => value)).toEqual(["one", "two"]);
    await proxy.waitForLog(/type in the body: application\/json$/);
    await proxy.waitForLog(/done with 7$/);
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it.each([true, false])("what a callback of the body changed is in them; held back: %s", async allow_on_headers_stop_iteration => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "held", wasm: holding, config: "x", plugin: { allow_on_headers_stop_iteration } }] }],
    });
    const without = await proxy.request("in", { method: "POST", body: "text" });
    expect(without).toHaveHeader("x-seen", "id , size");
    const bodiless = await proxy.request("in", { headers: [["x-id", "6"]] });
    expect(bodiless).toHaveHeader("x-seen", "id 6, size");
    if (!allow_on_headers_stop_iteration) return;
    const response = await proxy.request("in", { method: "POST", body: "text", headers: [["x-id", "7"]] });
    expect(response).toHaveHeader("x-seen", "id 7, size 4");
    expect(response.upstream).toHaveHeader("x-size", "4");
  });

  it("what an HTTP call's callback changed is in them", async () => {
    const { proxy, echo } = await start(host);
    const response = await proxy.request("in", { headers: [["x-asks", "yes"]] });
    expect(response).toHaveHeader("x-variant", "asked");
    expect(echo.requests[0]).toHaveHeader("x-variant", "asked");
  });

  it.each([
    ["set x-id 8", "a header that is set"],
    ["set x-new 1;set x-new 2;set X-Other 3", "headers that are new"],
    ["set :path /other?x=y;set host b.example", "a path and a host"],
    ["set x-many three", "a header that was there twice"],
    ["add x-new 1;add x-other 2", "headers that are added"],
    ["add x-new 1;add x-new 2", "a header that is added twice"],
    ["add x-many three;add x-id 8;add user-agent more", "values that are added to others, of which Envoy joins some"],
    ["remove x-many;remove x-none", "a header that is removed"],
    ["remove x-id;add x-id 9;set x-many 1;remove x-many;set x-many 2", "what is written more than once"],
    ["set x-new 1;remove x-new;set x-changes none", "what comes to nothing"],
  ])("%s: what the next filter sees, for %s", async changes => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: ["this", "next"].map(config => ({ name: "changes", wasm: changing, vmId: config, config })) }],
    });
    const headers: [string, string][] = [
      ["user-agent", "test"],
      ["x-many", "one"],
      ["x-id", "7"],
      ["x-many", "two"],
      ["x-changes", changes],
    ];
    const response = await proxy.request("in", { headers });
    expect(response.status).toBe(200);
    expect(response.header("x-seen-by-next")).toMatch(/^:/);
    expect(response.header("x-seen-by-this")).toBe(response.header("x-seen-by-next"));
  });

  it("each stream has its own, and they are freed with it", async () => {
    const { proxy } = await start(host);
    const ask = async (id: number) => {
      const headers: [string, string][] = [
        ["origin", `https://${id}.example`],
        ["x-long", "x".repeat(8_000)],
      ];
      const response = await proxy.request("in", { headers });
      expect(response).toHaveHeader("x-origin", `https://${id}.example, []`);
      return Number(response.header("x-pages"));
    };
    for (let id = 0; id < 30; id++) await Promise.all([ask(id * 3), ask(id * 3 + 1), ask(id * 3 + 2)]);
    const before = await ask(1000);
    for (let id = 0; id < 100; id++) await Promise.all([ask(id * 3), ask(id * 3 + 1), ask(id * 3 + 2)]);
    // 300 requests' headers are 37 pages.
    expect(await ask(1001)).toBeLessThan(before + 16);
  });

  it("filters that never ask keep none", async () => {
    const keeps = async (module: string) => (await readFile(module)).includes("compat/kept/");
    expect(await keeps(wasm)).toBe(true);
    for (const name of ["kong", "defects", "higress", "solo", "gcore"]) expect(await keeps(await buildWithCompat(name)), name).toBe(false);
  });
});
