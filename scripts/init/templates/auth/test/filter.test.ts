import { buildFilter, describeHosts } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter("assembly/index.ts");

// The emulator answers in milliseconds. Without `hosts` the same scenarios also run on the real Envoy.
describeHosts("my-filter", { hosts: ["emulator"] }, host => {
  /** A proxy in front of an upstream, and a service that knows one user. */
  async function start(config: object) {
    const upstream = await host.upstream();
    const authority = await host.upstream({
      respond: ({ headers }) => {
        const allowed = headers.some(([name, value]) => name === "authorization" && value === "Bearer good");
        return allowed ? { headers: [["x-user-id", "u42"]] } : { status: 401 };
      },
    });
    const proxy = await host.start({
      clusters: [
        { name: "upstream", url: upstream.url },
        { name: "authority", url: authority.url },
        { name: "dead", url: "http://127.0.0.1:1" },
      ],
      listeners: [{ name: "in", filters: [{ name: "my-filter", wasm, config }] }],
    });
    return { proxy, upstream };
  }

  it("lets a request pass that the service allows, with the user's id", async () => {
    const { proxy, upstream } = await start({ cluster: "authority" });
    await proxy.request("in", { headers: [["authorization", "Bearer good"]] });
    expect(upstream.requests[0]).toHaveHeader("x-user-id", "u42");
  });

  it("answers 403 to a request that the service refuses", async () => {
    const { proxy, upstream } = await start({ cluster: "authority" });
    const response = await proxy.request("in", { headers: [["authorization", "Bearer bad"]] });
    expect(response.status).toBe(403);
    expect(upstream.requests).toEqual([]);
  });

  it("answers 503 without a decision, or lets the request pass without a user when it fails open", async () => {
    const closed = await start({ cluster: "dead" });
    expect((await closed.proxy.request("in")).status).toBe(503);
    const open = await start({ cluster: "dead", fail_open: true });
    expect((await open.proxy.request("in", { headers: [["x-user-id", "root"]] })).status).toBe(200);
    expect(open.upstream.requests[0]).not.toHaveHeader("x-user-id");
  });
});
