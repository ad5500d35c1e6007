import { buildFilter, describeHosts, type HostUpstream, type RunningHost } from "meshwright/vitest";
import { beforeAll, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));

describeHosts("http-callout", {}, host => {
  let upstream: HostUpstream;
  let proxy: RunningHost;
  /** The x-user headers of the last request that reached the upstream. */
  const users = () => upstream.requests.at(-1)?.headers.filter(([name]) => name === "x-user");
  beforeAll(async () => {
    upstream = await host.upstream();
    const authority = await host.upstream({
      respond: ({ headers }) => {
        const allowed = headers.some(([name, value]) => name === "authorization" && value === "Bearer good");
        return allowed ? { status: 200, headers: [["x-user", "u42"]] } : { status: 401 };
      },
    });
    const listener = (name: string, config: object) => ({
      name,
      routes: [{ cluster: "upstream" }],
      filters: [{ name: "http-callout", wasm, config }],
    });
    proxy = await host.start({
      clusters: [
        { name: "upstream", url: upstream.url },
        { name: "authority", url: authority.url },
        { name: "dead", url: "http://127.0.0.1:1" },
      ],
      listeners: [
        listener("in", { cluster: "authority", timeout_ms: 10_000 }),
        listener("closed", { cluster: "dead" }),
        listener("open", { cluster: "dead", fail_open: true }),
        listener("unknown", { cluster: "nowhere" }),
      ],
    });
  });

  it("lets a request pass that the service allows, with the user's name", async () => {
    const response = await proxy.request("in", {
      headers: [
        ["authorization", "Bearer good"],
        ["x-user", "root"],
      ],
    });
    expect(response.status).toBe(200);
    expect(users()).toEqual([["x-user", "u42"]]);
  });

  it("answers 403 to a request that the service refuses", async () => {
    const response = await proxy.request("in", { headers: [["authorization", "Bearer bad"]] });
    expect([response.status, response.body]).toEqual([403, "not allowed\n"]);
  });

  it("answers 503 when the service does not, or is no cluster of this Envoy", async () => {
    expect((await proxy.request("closed")).status).toBe(503);
    expect((await proxy.request("unknown")).status).toBe(503);
  });

  it("lets requests pass without an answer when fail_open is set, and without the user that the client claims", async () => {
    const response = await proxy.request("open", { headers: [["x-user", "root"]] });
    expect(response.status).toBe(200);
    expect(users()).toEqual([]);
  });
});
