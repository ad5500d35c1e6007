/** One context that serves all streams of a root context: each stream sees the configuration that it runs under, and its own number. */
import { readFile } from "node:fs/promises";
import { beforeAll, expect, it } from "vitest";
import { readWasm } from "../../scripts/abi/index.ts";
import type { FilterSpec } from "../envoy/index.ts";
import { expectUpdateUnderLoad } from "../matrix/update-under-load.ts";
import { describeHosts, type HostSpec, type RunningHost } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let wasm = "";
let told = "";
beforeAll(async () => {
  wasm = await buildWithCompat("shared");
  told = await buildWithCompat("shared", "told");
}, BUILD_MS);

const labelled = (label: string, rootId = "shared"): FilterSpec => ({ name: rootId, wasm, rootId, vmId: "one", config: label });

const updatable = (url: string, filter: FilterSpec): HostSpec => ({
  dynamicListeners: true,
  clusters: [{ name: "echo", url }],
  listeners: [{ name: "in", filters: [filter] }],
});

/** What the filters told of each stream: in the request as the upstream saw it, and in the response. */
async function seen(proxy: RunningHost, listener = "in") {
  const response = await proxy.request(listener);
  expect(response.status).toBe(200);
  const values = (headers: readonly [string, string][] | undefined, name: string) =>
    (headers ?? []).filter(([key]) => key === name).map(([, value]) => value);
  const contexts = values(response.upstream?.headers, "x-context");
  // Filters see the response in reverse order.
  expect(values(response.headers, "x-context")).toEqual(contexts.toReversed());
  return { request: values(response.upstream?.headers, "x-saw"), response: values(response.headers, "x-saw"), contexts };
}

it("the host is not asked to tell of the beginning and the end of streams", async () => {
  const { exports } = readWasm(await readFile(wasm));
  expect(exports.map(({ name }) => name)).not.toContain("proxy_on_context_create");
  expect(exports.map(({ name }) => name)).not.toContain("proxy_on_delete");
  expect(readWasm(await readFile(told)).exports.map(({ name }) => name)).not.toContain("proxy_on_context_create");
});

describeHosts("one context for all streams, on compat", {}, host => {
  it("several root contexts in a VM do not mix, in chains and in listeners", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [
        { name: "a", filters: [labelled("one"), labelled("two", "another"), labelled("three")] },
        { name: "b", filters: [labelled("four")] },
      ],
    });
    const expected: Record<string, string[]> = { a: ["one", "two", "three"], b: ["four"] };
    const contexts = new Set<string>();
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const listener = index % 2 === 0 ? "a" : "b";
        const each = await seen(proxy, listener);
        expect(each.request).toEqual(expected[listener]);
        expect(each.response).toEqual(expected[listener]?.toReversed());
        for (const context of each.contexts) contexts.add(context);
      }),
    );
    // Envoy numbers contexts for each worker's VM anew.
    if (host.kind === "emulator") expect(contexts.size).toBe(20 * 3 + 20);
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });

  it("an update that is refused changes nothing, and one that is accepted serves when the old one has drained", async () => {
    const echo = await host.upstream();
    const spec = (label: string): HostSpec => updatable(echo.url, labelled(label));
    const proxy = await host.start(spec("first"));
    expect(await proxy.update(spec("refused"))).toMatchObject({ accepted: false });
    expect((await seen(proxy)).request).toEqual(["first"]);
    for (const label of ["second", "third", "fourth"]) {
      expect(await proxy.update(spec(label))).toMatchObject({ accepted: true });
      expect((await seen(proxy)).request).toEqual([label]);
    }
    await proxy.drained();
    for (let times = 0; times < 20; times++) expect((await seen(proxy)).response).toEqual(["fourth"]);
    expect(await proxy.logs(/Function: \w+ failed|belongs to no plugin/)).toEqual([]);
  });

  it("a second configuration is refused, with the reason, where the host does not tell their streams apart", async () => {
    const calls = ["proxy_get_property", "proxy_get_buffer_bytes", "proxy_log", "proxy_get_log_level", "proxy_add_header_map_value"];
    const callbacks = ["proxy_on_configure", "proxy_on_request_headers", "proxy_on_response_headers", "proxy_on_memory_allocate"];
    const allowed = Object.fromEntries([...calls, ...callbacks].map(name => [name, {}]));
    const plugin = { capability_restriction_config: { allowed_capabilities: allowed } };
    const echo = await host.upstream();
    const spec = (...labels: string[]): HostSpec => ({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: labels.map(label => ({ ...labelled(label), plugin })) }],
    });
    const proxy = await host.start(spec("alone"));
    expect((await seen(proxy)).request).toEqual(["alone"]);
    const reason = /the host does not tell their streams apart; allow the foreign functions expr_create and expr_evaluate/;
    // Envoy tries each configuration in a VM of its own first, and finds out in the one that they share; it then goes on without the second filter.
    const both = await host.start(spec("one", "two"));
    await both.waitForLog(reason);
    expect((await seen(both)).request).toEqual(["one"]);
  });

  it("streams and root contexts are told of their end, each with its own", async () => {
    const echo = await host.upstream();
    const spec = (label: string): HostSpec => updatable(echo.url, { ...labelled(label), wasm: told });
    const proxy = await host.start(spec("first"));
    await proxy.request("in", { headers: [["x-id", "1"]] });
    await proxy.waitForLog(/stream deleted \d+ 1 first$/);
    expect(await proxy.update(spec("second"))).toMatchObject({ accepted: true });
    await proxy.drained();
    await proxy.waitForLog(/root deleted first$/);
    await proxy.request("in", { headers: [["x-id", "2"]] });
    await proxy.waitForLog(/stream deleted \d+ 1 second$/);
    const lines = (await proxy.logs(/(logged|stream \w+|root \w+) /)).map(line => /(?:logged|stream|root) .*$/.exec(line)?.[0] ?? "");
    expect(lines.filter(line => line.startsWith("logged"))).toEqual(["logged 1 first", "logged 2 second"]);
    expect(lines.filter(line => line.startsWith("stream done"))).toHaveLength(2);
    expect(lines.indexOf("root done first")).toBeLessThan(lines.indexOf("root deleted first"));
    expect(lines).not.toContain("root deleted second");
  });
});

describeHosts("one context for all streams, while Envoy's workers run on", { hosts: ["envoy"] }, host => {
  it("an update under load loses no request, and streams of the old configuration keep it", async () => {
    const echo = await host.upstream();
    const spec = (label: string): HostSpec => updatable(echo.url, labelled(label));
    const proxy = await host.start(spec("old"));
    await expectUpdateUnderLoad(proxy, spec("new"), async () => {
      const { request, response } = await seen(proxy);
      expect(response).toEqual(request);
      return request;
    });
  });
});
