import { buildFilter, describeHosts, grpcAnswer, grpcMessages, type ProxyHost, type UpstreamOptions } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
// A loaded machine may need more than the default for its first call.
const config = { cluster: "directory", timeout_ms: 10_000 };

const NOT_FOUND = 5;
const INTERNAL = 13;
/** A message whose field 1 is a string, as request and response both are. */
const message = (text: string): Buffer => Buffer.from([0x0a, text.length, ...Buffer.from(text)]);

/** The directory: acme.example.com belongs to acme. */
const directory: UpstreamOptions["respond"] = request => {
  const [asked] = grpcMessages(request.body);
  return asked?.equals(message("acme.example.com")) ? grpcAnswer({ message: message("acme") }) : grpcAnswer({ status: NOT_FOUND });
};

describeHosts("grpc-callout", {}, host => {
  it("tells the upstream the tenant, and not the one that the client claims", async () => {
    expect(await tenant(host, directory, "acme.example.com")).toBe("acme");
  });

  it("lets a host of nobody pass without a tenant", async () => {
    expect(await tenant(host, directory, "other.example.com")).toBeNull();
  });

  it("lets requests pass without a tenant when the service fails, breaks off, or is not there", async () => {
    expect(await tenant(host, () => grpcAnswer({ status: INTERNAL, statusMessage: "out of order" }), "acme.example.com")).toBeNull();
    expect(await tenant(host, () => "reset", "acme.example.com")).toBeNull();
    expect(await tenant(host, null, "acme.example.com")).toBeNull();
  });
});

/** The tenant that the upstream is told for a host; without a service to ask when `respond` is null. */
async function tenant(host: ProxyHost, respond: UpstreamOptions["respond"] | null, authority: string): Promise<string | null> {
  const upstream = await host.upstream();
  const service = respond ? await host.upstream({ respond }) : { url: "http://127.0.0.1:1" };
  const proxy = await host.start({
    clusters: [
      { name: "upstream", url: upstream.url },
      { name: "directory", url: service.url, http2: true },
    ],
    listeners: [{ name: "in", filters: [{ name: "grpc-callout", wasm, config }] }],
  });
  const headers = [["host", authority], ["x-tenant-id", "claimed"]] as const; // biome-ignore format: pairs
  const response = await proxy.request("in", { headers });
  expect(response.status).toBe(200);
  if (respond === null) await expect(proxy).toHaveLogged(/lookup failed: 14/);
  return response.upstream?.headers.find(([name]) => name === "x-tenant-id")?.[1] ?? null;
}
