import { buildFilter, describeHosts } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter("assembly/index.ts");

// The emulator answers in milliseconds. Without `hosts` the same scenarios also run on the real Envoy.
describeHosts("my-filter", { hosts: ["emulator"] }, host => {
  /** A proxy in front of an upstream that sends back what it gets. */
  async function start(config: object = {}) {
    const upstream = await host.tcpUpstream();
    const proxy = await host.start({
      clusters: [{ name: "upstream", url: upstream.url }],
      listeners: [{ name: "in", tcp: "upstream", filters: [{ name: "my-filter", wasm, config }] }],
    });
    return { proxy, upstream };
  }

  it("counts what the client sends, and passes it on", async () => {
    const { proxy, upstream } = await start();
    const client = await proxy.connect("in");
    await client.send("hello");
    await client.send(" you");
    expect(await client.waitFor("you")).toBe("hello you");
    expect(upstream.connections[0]?.received).toBe("hello you");
    await expect(proxy).toHaveMetric("my-filter.received_bytes", 9);
    await client.end();
    await proxy.waitForLog("closed after 9 bytes");
  });

  it("does not log when it is told not to", async () => {
    const { proxy } = await start({ log: false });
    const client = await proxy.connect("in");
    await client.send("hello");
    await client.end();
    await client.ended();
    await expect(proxy).not.toHaveLogged("closed");
  });

  it("refuses a configuration with a wrong type", async () => {
    await expect(start({ log: "yes" })).rejects.toThrow('my-filter: log: expected true or false, found string "yes"');
  });
});
