import { buildFilter, describeHosts } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter("assembly/index.ts");

// The emulator answers in milliseconds. Without `hosts` the same scenarios also run on the real Envoy.
describeHosts("my-filter", { hosts: ["emulator"] }, host => {
  async function start(config: object) {
    const upstream = await host.upstream();
    return host.start({
      clusters: [{ name: "upstream", url: upstream.url }],
      listeners: [{ name: "in", filters: [{ name: "my-filter", wasm, config }] }],
    });
  }

  it("greets the user, and a stranger without x-user-id", async () => {
    const proxy = await start({ greeting: "good morning" });
    const known = await proxy.request("in", { headers: [["x-user-id", "u42"]] });
    expect(known.upstream).toHaveHeader("x-greeting", "good morning, u42");
    const unknown = await proxy.request("in");
    expect(unknown.upstream).toHaveHeader("x-greeting", "good morning, stranger");
  });

  it("says on the response who filtered it", async () => {
    const proxy = await start({});
    const response = await proxy.request("in");
    expect(response.status).toBe(200);
    expect(response).toHaveHeader("x-filtered-by", "my-filter");
  });

  it("refuses a configuration with a wrong type", async () => {
    await expect(start({ greeting: 5 })).rejects.toThrow("my-filter: greeting: expected a string, found number 5");
  });
});
