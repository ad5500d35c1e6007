import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { buildVersioned, nameOf, ROOT_ID, withCode } from "./modules.ts";
import { REFUSALS } from "./refusals.ts";
import { filterOf, Rollouts, versionedFilter } from "./rollouts.ts";

const KINDS = ["configuration", "code", "both"] as const;
/** A filter that can do without a configuration. */
const FREE = "trace-context";
const ACTIVE_VMS = "wasm.envoy.wasm.runtime.v8.active";

describeEnvoy("hot reload", {}, envoy => {
  let wasm: string;

  beforeAll(async () => {
    wasm = await buildVersioned();
  });

  /** Two workers, and an upstream that takes its time, so that requests are under way while versions change. */
  async function start(): Promise<RunningEnvoy> {
    let asked = 0;
    const echo = await envoy.echo({ respond: () => ({ delayMs: asked++ % 10, body: "" }) });
    return envoy.start({
      concurrency: 2,
      config: { clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [versionedFilter(wasm)] }] },
    });
  }

  it("loses no request to ten reloads under load, and no answer is made by two versions", async () => {
    const rollouts = new Rollouts(await start(), wasm);
    onTestFinished(async () => {
      await rollouts.stop();
    });
    for (let i = 0; i < 10; i++) {
      await rollouts.load.more(50);
      await rollouts.next(KINDS[i % KINDS.length] as (typeof KINDS)[number]);
    }
    await rollouts.load.more(50);
    const { failures, mixed, sent, effects } = await rollouts.stop();
    expect(failures).toEqual([]);
    expect(mixed).toEqual([]);
    expect(effects).toHaveLength(10);
    expect(sent).toBeGreaterThan(500);
  });

  describe("under load", () => {
    let proxy: RunningEnvoy;
    let rollouts: Rollouts;

    beforeAll(async () => {
      proxy = await start();
      rollouts = new Rollouts(proxy, wasm, { concurrency: 4 });
      return async () => {
        await rollouts.stop();
      };
    });

    it.each(REFUSALS.map(refusal => [refusal.name, refusal] as const))("goes on with what it has after a %s", async (_, refusal) => {
      const serving = rollouts.current;
      const next = await filterOf(proxy, wasm, { code: 900, config: 900 });
      const { accepted, reasons } = await refusal.publish(proxy, next);
      expect(accepted).toBe(false);
      expect(reasons.join("\n")).toMatch(refusal.reason);
      await rollouts.load.more(50);
      expect((await proxy.request("in")).header("x-response")).toBe(serving);
      // And is not stuck with it.
      await rollouts.next("both");
    });

    it("has lost no request to them", async () => {
      const { failures, sent } = await rollouts.stop();
      expect(failures).toEqual([]);
      expect(sent).toBeGreaterThan(0);
    });
  });

  it("takes no notice of new code under the old name unless something in the configuration changes", async () => {
    const proxy = await start();
    const answer = async (): Promise<string | null> => (await proxy.request("in")).header("x-response");
    const first = await filterOf(proxy, wasm, { code: 1, config: 1 });
    await proxy.updateFilter(first);
    expect(await answer()).toBe(nameOf({ code: 1, config: 1 }));

    await proxy.writeFile(first.wasm, await withCode(wasm, 2));
    await readAgain(proxy);
    expect(await answer()).toBe(nameOf({ code: 1, config: 1 }));
    await proxy.updateFilter({ ...first, config: { version: "2" } });
    expect(await answer()).toBe(nameOf({ code: 2, config: 2 }));
  });

  it("counts as a success what it refused, when it comes a second time", async () => {
    const proxy = await start();
    const refused = { ...versionedFilter(wasm), config: {} };
    expect((await proxy.updateFilter(refused)).accepted).toBe(false);
    await readAgain(proxy);
    expect((await proxy.request("in")).header("x-response")).toBe(nameOf({ code: 0, config: 0 }));
    // So the driver remembers.
    expect((await proxy.updateFilter(refused)).accepted).toBe(false);
  });

  it("takes half a file of YAML for a whole one, and only warns of what it does not know", async () => {
    const filter = { name: FREE, wasm: `build/${FREE}.wasm`, config: { parent_id: "renew" }, discovered: true };
    const proxy = await envoy.start({ config: { listeners: [{ name: "in", filters: [filter] }] } });
    const text = await readFile(join(proxy.folder, `ecds-${FREE}.yaml`), "utf8");
    const unknown = await proxy.updateFilterFile(FREE, text.replace(/^( *)root_id:/m, "$1rootid: x\n$&"));
    expect(unknown.accepted).toBe(true);
    expect(unknown.reasons.join("\n")).toContain("Unknown field");
    const half = await proxy.updateFilterFile(FREE, text.slice(0, text.indexOf("configuration:")));
    expect(half).toEqual({ accepted: true, reasons: [] });
  });

  it("ends a request on the version on which it began, and keeps the old VMs for as long", async () => {
    const proxy = await start();
    const old = (await proxy.request("in")).header("x-response");
    const vms = await proxy.stat(ACTIVE_VMS);

    const { finish, answer } = beginRequest(proxy);
    await expect.poll(() => proxy.stat("cluster.echo.upstream_rq_active")).toBe(1);
    const next = { code: 1, config: 1 };
    await proxy.updateFilter(await filterOf(proxy, wasm, next));
    expect((await proxy.request("in")).header("x-response")).toBe(nameOf(next));
    expect(await proxy.stat(ACTIVE_VMS)).toBeGreaterThan(vms);
    finish();
    const { headers } = await answer;
    expect([headers["x-request"], headers["x-response"]]).toEqual([old, old]);
    await expect.poll(() => proxy.stat(ACTIVE_VMS)).toBe(vms);
  });

  it("keeps shared data over new code, for as long as the vm_id stays the same", async () => {
    const echo = await envoy.echo();
    const counter = {
      name: "shared-counter",
      wasm: "examples/shared-counter/build/shared-counter.wasm",
      vmId: "counter",
      discovered: true,
    };
    const proxy = await envoy.start({
      concurrency: 2,
      config: { clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [counter] }] },
    });
    const number = async (): Promise<string | undefined> => {
      await proxy.request("in");
      return echo.requests.at(-1)?.headers.find(([name]) => name === "x-request-number")?.[1];
    };
    expect(await number()).toBe("1");
    // An empty custom section makes other code of it.
    const other = Buffer.concat([await readFile(counter.wasm), Uint8Array.of(0x00, 0x02, 0x01, 0x78)]);
    const next = { ...counter, wasm: await proxy.writeFile("other.wasm", other) };
    expect((await proxy.updateFilter(next)).accepted).toBe(true);
    expect(await number()).toBe("2");
    expect((await proxy.updateFilter({ ...next, vmId: "another" })).accepted).toBe(true);
    expect(await number()).toBe("1");
  });

  it("reloads filters of clusters and of TCP listeners as well", async () => {
    const echo = await envoy.echo();
    const tap = { name: "tcp-tap", wasm: "examples/tcp-tap/build/tcp-tap.wasm", discovered: true };
    const proxy = await envoy.start({
      config: {
        clusters: [{ name: "echo", url: echo.url, filters: [versionedFilter(wasm)] }],
        listeners: [{ name: "in" }, { name: "tcp", tcp: "echo", filters: [tap] }],
      },
    });
    const next = { code: 1, config: 1 };
    expect(await proxy.updateFilter(await filterOf(proxy, wasm, next), "upstream_http")).toEqual({ accepted: true, reasons: [] });
    expect((await proxy.request("in")).header("x-response")).toBe(nameOf(next));
    expect((await proxy.updateFilter({ ...tap, config: { preview_bytes: -1 } }, "network")).accepted).toBe(false);
    expect((await proxy.updateFilter({ ...tap, vmId: "another" }, "network")).accepted).toBe(true);
    expect((await proxy.request("tcp")).status).toBe(200);
  });
});

/** Moves the file of the filter into its place as it is; resolves when Envoy has counted that as a success. */
async function readAgain(proxy: RunningEnvoy): Promise<void> {
  const counter = `extension_config_discovery.http_filter.${ROOT_ID}.update_success`;
  const before = await proxy.stat(counter);
  await proxy.writeFile(`ecds-${ROOT_ID}.yaml`, await readFile(join(proxy.folder, `ecds-${ROOT_ID}.yaml`)));
  await expect.poll(() => proxy.stat(counter)).toBe(before + 1);
}

/** A request whose headers have gone out and whose body has not ended. */
function beginRequest(proxy: RunningEnvoy) {
  const outgoing = httpRequest({ ...proxy.address("in"), method: "POST", agent: false, headers: { "transfer-encoding": "chunked" } });
  const answer = new Promise<{ headers: Record<string, string | string[] | undefined> }>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", incoming => {
      incoming.resume();
      incoming.on("end", () => resolve({ headers: incoming.headers }));
    });
  });
  outgoing.write("the first part");
  return { answer, finish: () => outgoing.end("and the last") };
}
