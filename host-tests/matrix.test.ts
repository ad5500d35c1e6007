import { beforeAll, expect, it } from "vitest";
import type { FilterSpec } from "./envoy/index.ts";
import "./matchers.ts";
import { describeHosts, type HostSpec, type ProxyHost } from "./matrix.ts";
import { fixture } from "./sdk/fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("streams");
});

async function start(host: ProxyHost, more: Partial<FilterSpec> = {}, listener: Partial<HostSpec["listeners"][number]> = {}) {
  const echo = await host.upstream();
  const filter = { name: "streams", wasm, config: "one", ...more } as FilterSpec;
  return host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [filter], ...listener }] });
}

describeHosts("one scenario for both hosts", {}, host => {
  it("sees the response, the upstream's request, logs and access log", async () => {
    const proxy = await start(
      host,
      {},
      { accessLog: { json: { code: "%RESPONSE_CODE%", path: "%REQ(:PATH)%", absent: "%REQ(X-ABSENT)%" } } },
    );
    const response = await proxy.request("in", { path: "/p", headers: [["x-mode", "body-append"]], method: "POST", body: "hello" });
    expect(response.status).toBe(200);
    expect(response).toHaveHeader("x-path", "/p");
    expect(response).not.toHaveHeader("x-absent");
    expect(response.upstream).toHaveHeader("x-plugin", "one");
    expect(response.upstream).toMatchObject({ method: "POST", path: "/p", body: "hello size 5" });
    await proxy.waitForLog(/logged \/p 200/);
    await expect(proxy).toHaveLogged(/logged \/p 200/, "info");
    await expect(proxy).not.toHaveLogged(/logged/, "error");
    expect(await proxy.waitForAccessLog(1, "in")).toEqual([{ code: 200, path: "/p", absent: null }]);
  });

  it("sees answers of the filter, and gRPC's", async () => {
    const proxy = await start(host);
    const local = await proxy.request("in", { headers: [["x-mode", "local"]] });
    expect(local).toMatchObject({ status: 418, body: "short and stout", upstream: null });
    for (const look of [expect(local.upstream), expect(local.upstream).not]) {
      expect(() => look.toHaveHeader("x-plugin")).toThrow("did a request reach the upstream?");
    }
    expect(local.headers.filter(([name]) => name === "x-local")).toEqual([["x-local", "1"], ["x-local", "2"]]); // biome-ignore format: pairs
    const grpc = await proxy.request("in", { method: "POST", headers: [["x-mode", "grpc"], ["content-type", "application/grpc"]] }); // biome-ignore format: pairs
    expect(grpc).toHaveHeader("grpc-status", "7");
  });

  it("shows span attributes that the listener names", async () => {
    const filter = { name: "span-attributes", wasm: "build/span-attributes.wasm", rootId: "span-attributes", config: {} };
    const proxy = await start(host, filter, { spanAttributes: ["user.id", "tenant.id"] });
    const response = await proxy.request("in", { headers: [["x-user-id", "u42"]] });
    expect(response).toHaveSpanAttribute("user.id", "u42");
    expect(response).not.toHaveSpanAttribute("tenant.id");
    expect(response.spanAttributes).toEqual({ "user.id": "u42", "tenant.id": null });
  });

  it("lets time pass: ticks, and a module that is loaded again", async () => {
    const proxy = await start(host, { failurePolicy: "FAIL_RELOAD" });
    await proxy.waitForLog(/ticked one/);
    await proxy.pass(1500);
    expect((await proxy.request("in", { headers: [["x-mode", "throw"]] })).status).toBe(503);
    await proxy.waitForLog(/abort: thrown on purpose/);
    await proxy.pass(2500);
    expect((await proxy.request("in", {})).status).toBe(200);
  });

  it("takes updates over, refuses them, and drains", async () => {
    const echo = await host.upstream();
    const spec = (config: string): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "streams", wasm, vmId: "one", config }] }],
    });
    const proxy = await host.start(spec("old"));
    expect((await proxy.request("in", {})).upstream).toHaveHeader("x-plugin", "old");
    expect(await proxy.update(spec("new"))).toMatchObject({ accepted: true });
    expect((await proxy.request("in", {})).upstream).toHaveHeader("x-plugin", "new");
    await proxy.drained();
    await proxy.waitForLog(/plugin deleted old/);
    expect(await proxy.update(spec("refused"))).toMatchObject({ accepted: false });
    expect((await proxy.request("in", {})).upstream).toHaveHeader("x-plugin", "new");
    await expect(proxy).not.toHaveLogged(/plugin (done|deleted) new/);
  });

  it("sends a body byte by byte, and refuses a string that is no bytes", async () => {
    const proxy = await start(host);
    const send = (body: string | Uint8Array) => proxy.request("in", { method: "POST", body });
    expect((await send("caf\xe9")).upstream?.body).toBe("caf\xe9");
    expect((await send(Buffer.from("5 €"))).upstream?.body).toBe("5 \xe2\x82\xac");
    await expect(send("5 €")).rejects.toThrow('"€" is none; give Buffer.from(text)');
  });

  it("throws what an upstream's respond throws", async () => {
    const upstream = await host.upstream({
      respond: () => {
        throw new Error("a mistake in the test");
      },
    });
    const proxy = await host.start({ clusters: [{ name: "upstream", url: upstream.url }], listeners: [{ name: "in" }] });
    await expect(proxy.request("in", {})).rejects.toThrow("a mistake in the test");
  });

  it("goes on with listeners, routes and span attributes of old when an update is refused", async () => {
    const [echo, other] = [await host.upstream(), await host.upstream()];
    const spec = (config: string, cluster: string, spanAttributes: string[]): HostSpec => ({
      dynamicListeners: true,
      clusters: [
        { name: "echo", url: echo.url },
        { name: "other", url: other.url },
      ],
      listeners: [{ name: "in", routes: [{ cluster }], spanAttributes, filters: [{ name: "streams", wasm, vmId: "one", config }] }],
    });
    const proxy = await host.start(spec("old", "echo", []));
    expect(await proxy.update(spec("refused", "other", ["user.id"]))).toMatchObject({ accepted: false });
    const response = await proxy.request("in", {});
    expect(response.upstream).toHaveHeader("x-plugin", "old");
    expect(response.spanAttributes).toEqual({});
  });

  it("refuses an update that would reach nobody: of fixed listeners, or with other clusters", async () => {
    const [echo, other] = [await host.upstream(), await host.upstream()];
    const spec = (url: string, dynamicListeners: boolean, name = "echo"): HostSpec => ({
      dynamicListeners,
      clusters: [{ name, url }],
      listeners: [{ name: "in", filters: [{ name: "streams", wasm, config: "one" }] }],
    });
    const fixed = await host.start(spec(echo.url, false));
    await expect(fixed.update(spec(echo.url, true))).rejects.toThrow("start with dynamicListeners: true");
    const proxy = await host.start(spec(echo.url, true));
    await expect(proxy.update(spec(other.url, true))).rejects.toThrow('clusters stay as they were at the start, and "echo" has the url');
    await expect(proxy.update(spec(other.url, true, "new"))).rejects.toThrow('"new" is not among them');
  });

  it("gives filters with other environments a VM of their own, since Envoy 1.39", async () => {
    const config = { attributes: [{ name: "version", env: "APP_VERSION", default: "none" }] };
    const filter = (version: string) => ({
      name: "span-attributes",
      wasm: "build/span-attributes.wasm",
      vmId: "one",
      config: { ...config, custom_attributes: { own: version } },
      env: { APP_VERSION: version },
    });
    const proxy = await host.start({
      listeners: ["a", "b"].map(name => ({ name, filters: [filter(name)], spanAttributes: ["version", "own"] })),
    });
    expect((await proxy.request("a", {})).spanAttributes).toEqual({ version: "a", own: "a" });
    // Before, a VM has the environment of the filter that started it.
    const shared = /^1\.3[67]\./.test(host.version);
    expect((await proxy.request("b", {})).spanAttributes).toEqual({ version: shared ? "a" : "b", own: "b" });
  });
});
