import { beforeAll, expect, it } from "vitest";
import type { FilterSpec } from "../envoy/index.ts";
import { expectUpdateUnderLoad } from "../matrix/update-under-load.ts";
import { describeHosts, type HostSpec, type RunningHost } from "../matrix.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("stateless");
});

const labelled = (rootId: string, label: string): FilterSpec => ({ name: rootId, wasm, rootId, vmId: "one", config: { label } });

/** What the filters added to the request, as the upstream saw it, and to the response. */
async function labels(proxy: RunningHost, listener: string) {
  const response = await proxy.request(listener);
  expect(response.status).toBe(200);
  const values = (headers: readonly [string, string][] | undefined, name: string) =>
    (headers ?? []).filter(([key]) => key === name).map(([, value]) => value);
  const sent = response.upstream?.headers;
  return { alpha: values(sent, "x-alpha"), beta: values(sent, "x-beta"), back: values(response.headers, "x-alpha-response") };
}

describeHosts("contexts of several plugins in one VM", {}, host => {
  it("never mix: two roots, each with several configurations, in chains and listeners", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [
        { name: "a", filters: [labelled("alpha", "one"), labelled("beta", "two"), labelled("alpha", "three")] },
        { name: "b", filters: [labelled("alpha", "four"), labelled("beta", "five")] },
        { name: "c", filters: [labelled("beta", "six")] },
      ],
    });
    // The response passes the filters in reverse order.
    const expected: Record<string, object> = {
      a: { alpha: ["one", "three"], beta: ["two"], back: ["three", "one"] },
      b: { alpha: ["four"], beta: ["five"], back: ["four"] },
      c: { alpha: [], beta: ["six"], back: [] },
    };
    const listeners = Array.from({ length: 60 }, (_, i) => "abc"[i % 3] ?? "a");
    await Promise.all(listeners.map(async name => expect(await labels(proxy, name)).toEqual(expected[name])));
  });

  it("refuses a root id that the module has not, and names those that it has", async () => {
    const started = host.start({ listeners: [{ name: "in", filters: [labelled("gamma", "x")] }] });
    await expect(started).rejects.toThrow(/root_id: expected one of the plugins in this module, "alpha", "beta", "headers", found "gamma"/);
  });
});

describeHosts("a configuration update", {}, host => {
  it("with a bad configuration is refused with a clear line, and the old one keeps serving", async () => {
    const echo = await host.upstream();
    const spec = (config: object): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ ...labelled("alpha", ""), config }] }],
    });
    const proxy = await host.start(spec({ label: "old" }));
    const refused = await proxy.update(spec({ label: 7 }));
    expect(refused.accepted).toBe(false);
    expect(refused.reasons[0]).toMatch(/^error wasm: wasm log .*label: label: expected a non-empty string, found number 7$/);
    expect(await proxy.logs(/label: label: expected a non-empty string, found number 7/)).not.toEqual([]);
    for (let i = 0; i < 20; i++) expect((await labels(proxy, "in")).alpha).toEqual(["old"]);
    expect(await proxy.update(spec({ label: "new" }))).toMatchObject({ accepted: true });
    await proxy.drained();
    expect((await labels(proxy, "in")).alpha).toEqual(["new"]);
  });
});

describeHosts("a configuration update on Envoy, whose workers run on meanwhile", { hosts: ["envoy"] }, host => {
  it("under load, with a drain of 2 s, loses no request and does not trap", async () => {
    const echo = await host.upstream();
    const spec = (label: string): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [labelled("alpha", label)] }],
    });
    const proxy = await host.start(spec("old"));
    await expectUpdateUnderLoad(proxy, spec("new"), async () => (await labels(proxy, "in")).alpha);
  });
});

describeHosts("the header map", {}, host => {
  it("tells absent from empty, keeps every value and every byte, and reads what it wrote", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "headers", wasm, rootId: "headers" }] }],
    });
    // Repeated, because the map is read one by one at first and as a whole once it has seen that traffic.
    for (let i = 0; i < 3; i++) {
      const response = await proxy.request("in", {
        headers: [
          ["x-empty", ""],
          ["x-list", "a"],
          ["X-LIST", "b"],
          ["x-bytes", "\x80\xff"],
          ["x-user", "admin\xff"],
        ],
      });
      const headers = response.upstream?.headers ?? [];
      expect(headers.filter(([name]) => name === "x-saw").map(([, value]) => value)).toEqual([
        "absent: null",
        "empty: ''",
        "list: a|b",
        "only: repeated",
        "bytes: 128 255",
        "equals: false",
        "decoded equals: false",
        "list after add: a|b|c",
        "list after set: d d true",
        "list after remove: 0 false",
        "list at the end: e",
        "newline: true",
        "bad name: true",
        "response in request phase: true",
        "response size: 0",
      ]);
      expect(headers.filter(([name]) => name === "x-list")).toEqual([["x-list", "e"]]);
      expect(headers.filter(([name]) => name === "x-injected" || name === "x-bad")).toEqual([]);
    }
  });
});
