import { beforeAll, expect, it } from "vitest";
import type { WasmFilterSpec } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { describeHosts, type HostSpec, type ProxyHost } from "../matrix.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("streams");
});

async function start(host: ProxyHost, more: Partial<WasmFilterSpec> = {}) {
  const echo = await host.upstream();
  const filter = { name: "streams", wasm, config: "one", ...more };
  return host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [filter] }] });
}

describeHosts("streams with state", {}, host => {
  it("each have their own, from the request to the log", async () => {
    const proxy = await start(host);
    const paths = Array.from({ length: 40 }, (_, i) => `/p${i}`);
    await Promise.all(
      paths.map(async path => {
        const response = await proxy.request("in", { path });
        expect(response.header("x-path")).toBe(path);
        expect(response.header("x-late")).toBe("no");
      }),
    );
    for (const path of paths) {
      await proxy.waitForLog(new RegExp(`logged ${path} 200$`));
      await proxy.waitForLog(new RegExp(`deleted ${path}$`));
    }
  });

  it("change bodies: append, prepend, replace, in request and response", async () => {
    const proxy = await start(host);
    const send = async (mode: string, body: string) => {
      const response = await proxy.request("in", { method: "POST", headers: [["x-mode", mode]], body });
      return response.upstream?.body;
    };
    expect(await send("body-append", "hello")).toBe("hello size 5");
    expect(await send("body-prepend", "hello")).toBe("size 5 hello");
    expect(await send("body-replace", "hello")).toBe("size 5 of 5");
    const large = "x".repeat(300_000);
    expect(await send("body-append", large)).toBe(`${large} size 300000`);
    expect(await send("body-replace", large)).toBe("size 300000 of 300000");
    const response = await proxy.request("in", { headers: [["x-mode", "response-body"]] });
    expect(response.body.endsWith("}!")).toBe(true);
  });

  it("answer from the proxy, with repeated headers, and with a gRPC status", async () => {
    const proxy = await start(host);
    const local = await proxy.request("in", { headers: [["x-mode", "local"]] });
    expect({ status: local.status, body: local.body }).toEqual({ status: 418, body: "short and stout" });
    expect(local.headers.filter(([name]) => name === "x-local")).toEqual([["x-local", "1"], ["x-local", "2"]]); // biome-ignore format: pairs
    const grpc = await proxy.request("in", { method: "POST", headers: [["x-mode", "grpc"], ["content-type", "application/grpc"]] }); // biome-ignore format: pairs
    expect(grpc.header("grpc-status")).toBe("7");
  });

  it("have ids, a clock and properties", async () => {
    const proxy = await start(host);
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const response = await proxy.request("in", { headers: [["x-mode", "random"]] });
      const header = (name: string) => response.upstream?.headers.find(([key]) => key === name)?.[1] ?? "";
      for (const number of header("x-random").split(" ")) seen.add(number);
      // Milliseconds since 1970 and nothing else; the emulator's clock stands still meanwhile.
      expect(Math.abs(Number(header("x-clock")) - Date.now())).toBeLessThan(600_000);
      expect(header("x-properties")).toBe("HTTP/1.1 0");
    }
    expect(seen.size).toBe(40);
  });

  it("log at the level that the host has at that moment", async () => {
    const proxy = await start(host);
    const send = () => proxy.request("in", { headers: [["x-mode", "log"]] });
    await send();
    await proxy.waitForLog(/a warning with ünïcode false/);
    expect(await proxy.logs(/a debug line/)).toEqual([]);
    await proxy.setLogLevel("debug");
    await send();
    await proxy.waitForLog(/a warning with ünïcode true/);
    expect(await proxy.logs(/a debug line/)).toHaveLength(1);
  });

  it("tick", async () => {
    const proxy = await start(host);
    await proxy.waitForLog(/ticked one/);
  });
});

describeHosts("a filter that fails", {}, host => {
  it.each([
    ["throw", /abort: thrown on purpose \(.*host-tests\/sdk\/assembly\/streams\.ts:\d+:\d+\)/],
    ["index", /abort: Index out of range \(.*:\d+:\d+\)/],
  ])("on %s logs message, file, line and column, then traps; FAIL_RELOAD serves on", async (mode, line) => {
    const proxy = await start(host, { failurePolicy: "FAIL_RELOAD" });
    expect((await proxy.request("in", { headers: [["x-mode", mode]] })).status).toBe(503);
    await proxy.waitForLog(line);
    // Reloading backs off for a second or so.
    const next = async () => {
      await proxy.pass(250);
      return (await proxy.request("in")).status;
    };
    await expect.poll(next, { timeout: 60_000, interval: 10 }).toBe(200);
  });
});

describeHosts("a plugin context with an end of its own", {}, host => {
  it("is done and deleted after an update has drained, and only the old one", async () => {
    const echo = await host.upstream();
    const spec = (config: string): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "streams", wasm, vmId: "one", config }] }],
    });
    const proxy = await host.start(spec("old"));
    await proxy.request("in");
    expect(await proxy.update(spec("new"))).toMatchObject({ accepted: true });
    await proxy.drained();
    await proxy.waitForLog(/plugin done old/);
    await proxy.waitForLog(/plugin deleted old/);
    const response = await proxy.request("in");
    expect(response.upstream?.headers.find(([name]) => name === "x-plugin")?.[1]).toBe("new");
    expect(await proxy.logs(/plugin (done|deleted) new/)).toEqual([]);
    expect(await proxy.update(spec("refused"))).toMatchObject({ accepted: false });
    expect((await proxy.request("in")).status).toBe(200);
  });
});

describeEnvoy("streams with state, at the same time", {}, envoy => {
  async function start() {
    const echo = await envoy.echo();
    const filters = [{ name: "streams", wasm, config: "one" }];
    return envoy.start({ config: { clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters }] } });
  }

  it("do not mix", async () => {
    const proxy = await start();
    const paths = Array.from({ length: 40 }, (_, i) => `/p${i}`);
    const answers = await Promise.all(paths.map(path => proxy.request("in", { path })));
    expect(answers.map(answer => answer.header("x-path"))).toEqual(paths);
  });

  it("see request trailers", async () => {
    const proxy = await start();
    const raw =
      "POST /t HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\nconnection: close\r\n\r\n2\r\nhi\r\n0\r\nx-t: 1\r\n\r\n";
    expect((await proxy.raw("in", Buffer.from(raw))).toString()).toContain("200 OK");
  });
});
