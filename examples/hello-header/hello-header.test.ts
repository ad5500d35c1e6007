import { buildFilter, describeHosts, type RunningHost } from "meshwright/vitest";
import { beforeAll, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
const filter = { name: "hello-header", wasm };

describeHosts("hello-header", {}, host => {
  let proxy: RunningHost;
  beforeAll(async () => {
    proxy = await host.start({
      listeners: [
        { name: "default", filters: [filter] },
        { name: "configured", filters: [{ ...filter, config: { greeting: "moin" } }] },
      ],
    });
  });

  it("sets x-hello on the response", async () => {
    expect(await proxy.request("default")).toHaveHeader("x-hello", "hello");
  });

  it("takes the greeting from its configuration", async () => {
    expect(await proxy.request("configured")).toHaveHeader("x-hello", "moin");
  });

  it("refuses a configuration that it does not understand, and says why", async () => {
    const start = (config: unknown) => host.start({ listeners: [{ name: "in", filters: [{ ...filter, config }] }] });
    await expect(start({ greeting: 5 })).rejects.toThrow("hello-header: greeting: expected a string, found number 5");
    await expect(start({ greting: "x" })).rejects.toThrow("hello-header: greting: unknown key; expected greeting");
  });
});
