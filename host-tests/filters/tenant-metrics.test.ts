import { describe, expect, it } from "vitest";
import { DEFAULT_ENVOY_VERSION, statsTags } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { createHost, type Host, type Plugin } from "../host/index.ts";
import { describeHosts, type RunningHost } from "../matrix.ts";
import { manyInTurn } from "./in-turn.ts";

const wasm = "build/tenant-metrics.wasm";
const filter = (config: object) => ({ name: "tenant-metrics", wasm, config, vmId: "metrics" });
const get = (proxy: RunningHost, ...headers: [string, string][]) => proxy.request("in", { headers });
/** The stream's end is reported after the client has its answer. */
const counted = (proxy: RunningHost, name: string) => expect.poll(() => proxy.metric(name), { timeout: 60_000 });

describeHosts("tenant-metrics", {}, host => {
  const start = async (config: object) => {
    const echo = await host.upstream();
    return host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters: [filter(config)] }] });
  };

  it("counts requests by tenant and class of the code without a configuration", async () => {
    const proxy = await start({});
    await get(proxy, ["x-tenant-id", "acme"]);
    await get(proxy, ["x-tenant-id", "acme"], ["x-tenant-id", "other"]);
    await get(proxy);
    await counted(proxy, "tenant=.=acme;.;code=.=2xx;.;tenant_requests").toBe(2);
    await counted(proxy, "tenant=.=unknown;.;code=.=2xx;.;tenant_requests").toBe(1);
    expect(await proxy.metric("tenant=.=acme;.;code=.=2xx;.;tenant_errors")).toBe(0);
  });

  it("takes labels from headers of both directions, state, code, environment and literals", async () => {
    const labels = [
      { name: "method", header: ":method" },
      { name: "kind", response_header: "content-type", default: "none" },
      { name: "variant", state: "span.attributes.variant", default: "stable" },
      { name: "code", response: "code" },
      { name: "grpc", response: "grpc_status", default: "-" },
      { name: "zone", env: "ZONE", default: "nowhere" },
      { name: "app", value: "shop" },
    ];
    const proxy = await start({ prefix: "shop", labels, metrics: ["request_bytes", "response_bytes"] });
    const { body } = await proxy.request("in", { method: "POST", body: "12345" });
    const series =
      "method=.=POST;.;kind=.=application/json;.;variant=.=stable;.;code=.=200;.;grpc=.=-;.;zone=.=nowhere;.;app=.=shop;.;shop_";
    await counted(proxy, `${series}requests`).toBe(1);
    await counted(proxy, `${series}request_bytes`).toBe(5);
    await counted(proxy, `${series}response_bytes`).toBe(Buffer.byteLength(body));
  });

  it("lets no value end its label, break a name, or grow beyond the limit", async () => {
    const proxy = await start({ labels: [{ name: "tenant", header: "x-tenant-id" }], max_label_length: 12 });
    await get(proxy, ["x-tenant-id", "a;.;code=.=1"]);
    await get(proxy, ["x-tenant-id", "v1.2:3/4 ä, a long one"]);
    await get(proxy, ["x-tenant-id", "\xff\xfe"]);
    await counted(proxy, "tenant=.=a_._code=.=1;.;tenant_requests").toBe(1);
    await counted(proxy, "tenant=.=\ufffd\ufffd;.;tenant_requests").toBe(1);
    const cut = Buffer.from("v1.2:3/4 ä, a long one", "latin1").toString("utf8").slice(0, 10);
    await counted(proxy, `tenant=.=${cut};.;tenant_requests`).toBe(1);
  });

  it("counts what is over the cap as other, so sums stay exact", async () => {
    const proxy = await start({ labels: [{ name: "tenant", header: "x-tenant-id" }], max_series: 3 });
    for (const tenant of ["a", "b", "c", "d", "a", "c"]) await get(proxy, ["x-tenant-id", tenant]);
    await counted(proxy, "tenant=.=a;.;tenant_requests").toBe(2);
    await counted(proxy, "tenant=.=b;.;tenant_requests").toBe(1);
    await counted(proxy, "tenant=.=other;.;tenant_requests").toBe(3);
    expect(await proxy.metric("tenant=.=c;.;tenant_requests")).toBe(0);
  });

  it("refuses what it does not understand", async () => {
    await expect(
      start({
        labels: [
          { name: "ui_code", value: "x" },
          { name: "code", response: "code" },
        ],
      }),
    ).rejects.toThrow(/tenant-metrics: labels\[1\]\.name: "code" and "ui_code": no label may be the end of another; rename one/);
    await expect(start({ labels: [{ name: "a b", header: "x" }] })).rejects.toThrow(
      /tenant-metrics: labels\[0\]\.name: expected a name of letters, digits and _ that begins with a letter, found string "a b"/,
    );
    await expect(start({ labels: [{ name: "a" }] })).rejects.toThrow(
      /tenant-metrics: labels\[0\]: expected exactly one of header, response_header, state, response, node, env, value, found 0/,
    );
    await expect(start({ metrics: ["requests"] })).rejects.toThrow(/tenant-metrics: metrics\[0\]: expected one of "duration_ms"/);
  });
});

/** Two VMs with one vm_id, as two workers have them. `between` runs whenever one of them has read how many series there are. */
function twoWorkers(cap: number, between: (host: Host, key: string) => void) {
  const host = createHost();
  const config = { labels: [{ name: "tenant", header: "x-tenant-id" }], max_series: cap };
  const worker = (vmConfig: string) => host.plugin({ wasm, name: "tenant-metrics", vmId: "metrics", vmConfig, config });
  const workers = [worker("first"), worker("second")] as const;
  const { sharedData } = host;
  const read = sharedData.get.bind(sharedData);
  sharedData.get = (vmId, key) => {
    const found = read(vmId, key);
    if (!key.includes("/")) between(host, key);
    return found;
  };
  const send = (plugin: Plugin, tenant: string) => void host.request({ plugins: [plugin], headers: [["x-tenant-id", tenant]] });
  const series = () => [...new Set(host.metrics.all.map(({ name }) => name).filter(name => name.endsWith("tenant_requests")))];
  return { host, workers, send, series };
}

describe("tenant-metrics in two workers", () => {
  it("has no series beyond the cap when two workers claim their first at once", () => {
    let raced = false;
    const { workers, send, series, host } = twoWorkers(2, () => {
      if (raced) return;
      raced = true;
      send(workers[1], "b");
    });
    send(workers[0], "a");
    send(workers[0], "c");
    expect(raced).toBe(true);
    expect(series()).toEqual(["tenant=.=b;.;tenant_requests", "tenant=.=other;.;tenant_requests"]);
    expect(host.metrics.named("tenant=.=other;.;tenant_requests")?.value).toBe(2n);
  });

  it("counts as other what it could not claim because others were always faster, and claims it later", () => {
    let busy = true;
    const { workers, send, series } = twoWorkers(2, (host, key) => {
      if (busy) host.sharedData.set("metrics", key, "\0\0\0\0", 0);
    });
    send(workers[0], "a");
    expect(series()).toEqual(["tenant=.=other;.;tenant_requests"]);
    busy = false;
    send(workers[1], "b");
    send(workers[0], "a");
    expect(series()).toEqual(["tenant=.=other;.;tenant_requests", "tenant=.=b;.;tenant_requests"]);
  });
});

const TENANTS = 100_000;
const CONNECTIONS = 40;

describeEnvoy("tenant-metrics under many tenants", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  it(`keeps ${TENANTS} tenants within the cap over two workers, and sums them exactly; Prometheus has the labels`, async () => {
    const config = { max_series: 50 };
    const proxy = await envoy.start({
      concurrency: 2,
      config: {
        bootstrap: { stats_config: { stats_tags: statsTags(["tenant", "code"]) } },
        listeners: [{ name: "in", filters: [filter(config)] }],
      },
    });
    expect(await manyInTurn(proxy.address("in"), TENANTS, CONNECTIONS, n => `x-tenant-id: tenant-${n}\r\n`)).toBe(TENANTS);
    const read = async () => {
      const lines = (await proxy.admin("/stats/prometheus")).split("\n").filter(line => line.startsWith("tenant_requests{"));
      return lines.map(line => ({
        tenant: /tenant="([^"]*)"/.exec(line)?.[1] ?? "",
        code: /code="([^"]*)"/.exec(line)?.[1],
        count: Number(line.split(" ").at(-1)),
      }));
    };
    const sum = (series: { count: number }[]) => series.reduce((total, { count }) => total + count, 0);
    await expect.poll(async () => sum(await read())).toBe(TENANTS);
    const series = await read();
    expect(series.length).toBeGreaterThan(40);
    expect(series.length).toBeLessThanOrEqual(config.max_series);
    expect(new Set(series.map(({ code }) => code)).size).toBe(2);
    expect(series.find(({ tenant }) => tenant === "other")?.count).toBeGreaterThan(TENANTS - config.max_series - 1);
  }, 600_000);
});
