import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "../sdk/fixture.ts";
import "../matchers.ts";
import { HOSTCALLS } from "../../scripts/abi/index.ts";
import { createHost, HostRefusal } from "../host/index.ts";

let streams = "";
let stateless = "";
beforeAll(async () => {
  [streams, stateless] = await Promise.all([fixture("streams"), fixture("stateless")]);
});

describe("a request through the emulator", () => {
  it("shows the response, what the upstream got, filter state and span attributes", () => {
    const host = createHost({ strict: true, node: { metadata: { CLUSTER_ID: "cluster-a" } } });
    host.plugin({ wasm: "build/span-attributes.wasm", name: "span-attributes", config: { custom_attributes: { version: "v1" } } });
    const exchange = host.request({ path: "/a?b=c", headers: [["x-user-id", "u42"]] });
    expect(exchange.status).toBe(200);
    expect(exchange.json()).toMatchObject({ method: "GET", path: "/a?b=c" });
    expect(exchange.upstream).toHaveHeader("x-user-id", "u42");
    expect(exchange).toHaveSpanAttribute("user.id", "u42");
    expect(exchange.spanAttributes).toEqual({ "user.id": "u42", "cluster.name": "cluster-a", version: "v1" });
    host.close();
  });

  it("keeps every crossing, in the style and order of proxy-wasm-cpp-host", () => {
    const host = createHost();
    host.plugin({ wasm: stateless, name: "alpha", config: { label: "one" } });
    host.trace.clear();
    host.request();
    const [first, ...rest] = host.trace.lines;
    expect(first).toMatch(/^\[host->vm\] proxy_on_request_headers\(2, 6, 1\)$/);
    expect(rest).toContainEqual(expect.stringMatching(/^\[vm->host\] env\.proxy_add_header_map_value\(0, \d+, 7, \d+, 3\)$/));
    expect(rest).toContain("[vm<-host] env.proxy_add_header_map_value return: 0");
    expect(rest).toContain("[host<-vm] proxy_on_request_headers return: 0");
    expect(host.trace.calls("proxy_add_header_map_value").map(({ within }) => within)).toEqual([
      "proxy_on_request_headers",
      "proxy_on_response_headers",
    ]);
  });

  it("goes step by step, with the response from the test", () => {
    const host = createHost();
    host.plugin({ wasm: streams, name: "streams", config: "one" });
    const exchange = host.open({ upstream: "manual" });
    exchange.sendHeaders({ method: "POST", headers: [["x-mode", "body-append"]] });
    expect(exchange.upstream).toHaveHeader("x-plugin", "one");
    exchange.sendData("he").sendData("llo");
    expect(exchange.upstream?.body).toBe("");
    exchange.sendData("", true);
    expect(exchange.upstream?.body).toBe("hello size 5");
    expect(exchange.done).toBe(false);
    expect(() => exchange.status).toThrow(/no response yet: the upstream has not answered; call respond\(\)/);
    exchange.respond({ status: 201, headers: [["x-up", "1"]], body: "made" });
    expect({ status: exchange.status, body: exchange.body }).toEqual({ status: 201, body: "made" });
    expect(exchange).toHaveHeader("x-path", "/");
    expect(host).toHaveLogged(/logged \/ 201/, "info");
  });

  it("says which filter has stopped it", () => {
    const host = createHost({ clusters: { echo: "manual" } });
    host.plugin({ wasm: streams, name: "streams", config: "one" });
    const exchange = host
      .open()
      .sendHeaders({ headers: [["x-mode", "body-append"]] })
      .sendData("x");
    expect(exchange.waitsFor).toMatch(/stopped by streams \(request\)/);
  });
});

describe("what Envoy refuses, the emulator refuses", () => {
  it("a configuration that the plugin refuses, with what the plugin said", () => {
    const host = createHost();
    expect(() => host.plugin({ wasm: "build/span-attributes.wasm", name: "span-attributes", config: { to: [] } })).toThrow(
      /refuses the plugin span-attributes: Failed to configure base Wasm plugin; .*\n.*to: expected at least one of filter_state/s,
    );
    expect(() => host.plugin({ wasm: stateless, name: "gamma" })).toThrow(/expected one of the plugins in this module, "alpha", "beta"/);
  });

  it("an unknown import, by its name", () => {
    expect(() => createHost().plugin({ wasm: moduleImporting("env", "abort") })).toThrow(/due to a missing import: env\.abort/);
    expect(() => createHost().plugin({ wasm: moduleImporting("env", "proxy_done") })).toThrow(
      /import type mismatch for function env\.proxy_done, want: \(\) -> nothing, but host exports: \(\) -> i32/,
    );
    expect(() => createHost().plugin({ wasm: moduleImporting("wasi_snapshot_preview1", "fd_sync") })).toThrow(/type mismatch/);
    expect(() => createHost({ version: "1.37.0" }).plugin({ wasm: moduleImporting("wasi_snapshot_preview1", "fd_sync") })).toThrow(
      /missing import: wasi_snapshot_preview1\.fd_sync/,
    );
  });

  it("a start section, no allocator, no ABI version, no module", () => {
    expect(() => createHost().plugin({ wasm: tiny({ start: true }) })).toThrow(/has a start section, and Envoy crashes on it/);
    expect(() => createHost().plugin({ wasm: tiny({ exports: ["proxy_abi_version_0_2_1"] }) })).toThrow(/missing malloc function/);
    expect(() => createHost().plugin({ wasm: tiny({ exports: ["malloc"] }) })).toThrow(/unknown Proxy-Wasm ABI version/);
    expect(() => createHost().plugin({ wasm: Buffer.from("no module") })).toThrow(/is no WebAssembly module/);
  });

  it("versions that nobody has measured", () => {
    expect(() => createHost({ version: "1.30.0" })).toThrow(/Envoy 1\.30\.0 is not known; choose one of 1\.36\.4, 1\.37\.0/);
  });
});

describe("a module that traps", () => {
  const broken = [["x-mode", "throw"]] as const;

  it("fails the stream and all later ones when it fails closed, and the log names the place", () => {
    const host = createHost();
    host.plugin({ wasm: streams, name: "streams", config: "one" });
    expect(host.request({ headers: broken }).status).toBe(503);
    expect(host).toHaveLogged(/abort: thrown on purpose \(host-tests\/sdk\/assembly\/streams\.ts:\d+:\d+\)/, "critical");
    expect(host).toHaveLogged(
      /proxy_on_request_headers failed: Uncaught RuntimeError: unreachable\nProxy-Wasm plugin in-VM backtrace:\n {2}0: {2}0x/,
    );
    expect(host.request().status).toBe(503);
  });

  it("lets later streams pass unfiltered when it fails open", () => {
    const host = createHost();
    host.plugin({ wasm: streams, name: "streams", config: "one", failurePolicy: "open" });
    expect(host.request({ headers: broken }).status).toBe(503);
    const after = host.request();
    expect(after.status).toBe(200);
    expect(after).not.toHaveHeader("x-path");
  });

  it("comes back after a second when it is to be reloaded", () => {
    const host = createHost();
    const plugin = host.plugin({ wasm: streams, name: "streams", config: "one", failurePolicy: "reload" });
    host.advance(5_000);
    expect(host.request({ headers: broken }).status).toBe(503);
    expect(host.request()).toHaveHeader("x-path", "/");
    expect(host.request({ headers: broken }).status).toBe(503);
    expect(host.request().status).toBe(503);
    host.advance(1_000);
    expect(host.request()).toHaveHeader("x-path", "/");
    expect(plugin.reloads).toBe(2);
  });
});

describe("several plugins", () => {
  it("share a VM by vm_id and module, and never mix their configurations", () => {
    const host = createHost();
    const make = (rootId: string, label: string) => host.plugin({ wasm: stateless, name: rootId, vmId: "one", config: { label } });
    const [a, b, c] = [make("alpha", "1"), make("beta", "2"), make("alpha", "3")];
    const chain = host.request({ plugins: [a, b, c] });
    expect(chain.upstream?.headers.filter(([name]) => /alpha|beta/.test(name))).toEqual([["x-alpha", "1"], ["x-beta", "2"], ["x-alpha", "3"]]); // biome-ignore format: pairs
    // The response goes the other way.
    expect(chain.headers.filter(([name]) => name === "x-alpha-response").map(([, value]) => value)).toEqual(["3", "1"]);
    expect(new Set([a, b, c].map(plugin => plugin.context.vm)).size).toBe(1);
  });

  it("an update drains the old configuration, and only that one is done and deleted", () => {
    const host = createHost();
    const plugin = host.plugin({ wasm: streams, name: "streams", config: "old", vmId: "one" });
    plugin.update({ config: "new" });
    expect(host.request().upstream).toHaveHeader("x-plugin", "new");
    expect(host).not.toHaveLogged(/plugin done/);
    host.drain();
    expect(host).toHaveLogged(/plugin done old/);
    expect(host).toHaveLogged(/plugin deleted old/);
    expect(host).not.toHaveLogged(/plugin done new/);
    expect(() => plugin.update({ config: "refused" })).toThrow(HostRefusal);
    expect(host.request().upstream).toHaveHeader("x-plugin", "new");
  });
});

describe("a filter with few capabilities", () => {
  it("gets errors from what it may not call, and the log says so", () => {
    const host = createHost();
    const capabilities = [
      "proxy_set_effective_context",
      "proxy_on_configure",
      "proxy_get_buffer_bytes",
      "proxy_get_property",
      "proxy_on_request_headers",
      "proxy_log",
    ];
    host.plugin({ wasm: stateless, name: "alpha", config: { label: "one" }, capabilities });
    const exchange = host.request();
    expect(exchange.upstream).not.toHaveHeader("x-alpha");
    expect(exchange).not.toHaveHeader("x-alpha-response");
    expect(host).toHaveLogged(/restricted proxy-wasm capability: proxy_add_header_map_value/, "error");
  });
});

describe("a filter that may not ask which plugin contexts are left", () => {
  it("still has every configuration that it was given", () => {
    const host = createHost();
    const everything = [...HOSTCALLS.keys()].filter(name => name !== "proxy_set_effective_context");
    const capabilities = [...everything, "proxy_on_configure", "proxy_on_request_headers", "proxy_on_response_headers"];
    const plugins = ["one", "two"].map(label =>
      host.plugin({ wasm: stateless, name: "alpha", vmId: "vm", config: { label }, capabilities }),
    );
    // More requests than there are between two looks for plugin contexts that are gone.
    for (let i = 0; i < 40; i++) {
      const label = ["one", "two"][i % 2] ?? "";
      expect(host.request({ plugins: plugins.slice(i % 2, (i % 2) + 1) }).upstream).toHaveHeader("x-alpha", label);
    }
  });
});

/** A module with memory, the two exports that it needs, and one import. */
function moduleImporting(module: string, name: string): Uint8Array {
  return tiny({ imports: [[module, name]] });
}

function tiny({ imports = [], exports = ["proxy_abi_version_0_2_1", "malloc"], start = false }: Tiny): Uint8Array {
  const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
  const vector = (items: number[][]): number[] => [items.length, ...items.flat()];
  const section = (id: number, content: number[]): number[] => [id, content.length, ...content];
  const types = vector([[0x60, 0, 0], [0x60, 1, 0x7f, 1, 0x7f]]); // biome-ignore format: () -> () and (i32) -> i32
  const first = imports.length;
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, vector(imports.map(([module, name]) => [...text(module), ...text(name), 0, 0]))),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, vector([[...text("memory"), 2, 0], ...exports.map(name => [...text(name), 0, name === "malloc" ? first + 1 : first])])),
    ...(start ? section(8, [first]) : []),
    ...section(10, vector([[2, 0, 0x0b], [4, 0, 0x20, 0, 0x0b]])), // biome-ignore format: nothing; what it was given
  ]);
}

interface Tiny {
  imports?: [string, string][];
  exports?: string[];
  start?: boolean;
}
