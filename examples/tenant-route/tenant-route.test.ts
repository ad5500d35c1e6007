import { buildFilter, describeHosts, type RunningHost } from "meshwright/vitest";
import { beforeAll, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
const config = { tenants: { acme: "eu", globex: "us" }, default: "shared" };
const place = (value: string) => ({ header: { name: "x-route", value }, response: { status: 200, body: value } });

describeHosts("tenant-route", {}, host => {
  let proxy: RunningHost;
  beforeAll(async () => {
    const routes = [place("eu"), place("us"), place("shared"), { response: { status: 404, body: "no route" } }];
    proxy = await host.start({
      listeners: [{ name: "in", routes, spanAttributes: ["tenant.id"], filters: [{ name: "tenant-route", wasm, config }] }],
    });
  });
  const routed = async (...headers: [string, string][]) => (await proxy.request("in", { headers })).body;

  it("routes by the header x-tenant-id", async () => {
    expect(await routed(["x-tenant-id", "acme"])).toBe("eu");
    expect(await routed(["x-tenant-id", "globex"])).toBe("us");
  });

  it("routes by the first part of the host without the header", async () => {
    expect(await routed(["host", "globex.example.com"])).toBe("us");
  });

  it("routes a tenant that it does not know to the default", async () => {
    expect(await routed(["x-tenant-id", "initech"])).toBe("shared");
    expect(await routed(["host", "localhost"])).toBe("shared");
  });

  it("does not let the client choose the route", async () => {
    expect(await routed(["x-tenant-id", "acme"], ["x-route", "us"])).toBe("eu");
  });

  it("refuses tenants that are no table", async () => {
    const filters = [{ name: "tenant-route", wasm, config: { tenants: ["acme"], default: "shared" } }];
    await expect(host.start({ listeners: [{ name: "in", filters }] })).rejects.toThrow("tenants: expected an object, found array");
  });

  it("puts tenant.id on the span", async () => {
    expect(await proxy.request("in", { headers: [["x-tenant-id", "acme"]] })).toHaveSpanAttribute("tenant.id", "acme");
  });
});
