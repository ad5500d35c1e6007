import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { createHost, type GrpcCall } from "meshwright/host";
import { buildFilter, describeEnvoy } from "meshwright/vitest";
import { describe, expect, it, onTestFinished } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
// A loaded machine may need more than the default for its first call.
const config = { cluster: "directory", timeout_ms: 10_000 };

const NOT_FOUND = 5;
/** A message whose field 1 is a string, as request and response both are. */
const message = (text: string): Buffer => Buffer.from([0x0a, text.length, ...Buffer.from(text)]);
/** The directory: acme.example.com belongs to acme. Null is NOT_FOUND. */
const lookup = (request: Buffer): Buffer | null => (request.equals(message("acme.example.com")) ? message("acme") : null);

describe("[emulator] grpc-callout", () => {
  const tenant = (grpc: (call: GrpcCall) => void, host: string): string | null => {
    const emulator = createHost({ clusters: { directory: { grpc } } });
    const plugin = emulator.plugin({ name: "grpc-callout", wasm, config });
    const exchange = emulator.request({
      plugins: [plugin],
      headers: [
        ["host", host],
        ["x-tenant-id", "claimed"],
      ],
    });
    expect(exchange.status).toBe(200);
    return exchange.upstream?.headers.find(([name]) => name === "x-tenant-id")?.[1] ?? null;
  };
  const directory = (call: GrpcCall): void => {
    const answer = lookup(call.messages[0] as Buffer);
    if (answer) call.message(answer);
    else call.close(NOT_FOUND);
  };

  it("tells the upstream the tenant, and not the one that the client claims", () => {
    expect(tenant(directory, "acme.example.com")).toBe("acme");
  });

  it("lets a host of nobody pass without a tenant", () => {
    expect(tenant(directory, "other.example.com")).toBeNull();
  });

  it("lets requests pass without a tenant when the service fails", () => {
    expect(tenant(call => call.close(13, "out of order"), "acme.example.com")).toBeNull();
  });
});

describeEnvoy("grpc-callout", {}, envoy => {
  it("tells the upstream the tenant; a host of nobody and a service that is gone leave it out", async () => {
    const directory = await startDirectory();
    const echo = await envoy.echo();
    const proxy = await envoy.start({
      config: {
        clusters: [
          { name: "echo", url: echo.url },
          { name: "directory", url: directory.url, http2: true },
        ],
        listeners: [{ name: "in", filters: [{ name: "grpc-callout", wasm, config }] }],
      },
    });
    const tenant = async (host: string) => {
      await proxy.request("in", {
        headers: [
          ["host", host],
          ["x-tenant-id", "claimed"],
        ],
      });
      return echo.requests.at(-1)?.headers.find(([name]) => name === "x-tenant-id")?.[1] ?? null;
    };
    expect(await tenant("acme.example.com")).toBe("acme");
    expect(await tenant("other.example.com")).toBeNull();
    directory.stop();
    expect(await tenant("acme.example.com")).toBeNull();
    await proxy.waitForLog(/lookup failed: 14/);
  });
});

async function startDirectory(): Promise<{ url: string; stop(): void }> {
  const sessions = new Set<{ destroy(): void }>();
  const server = createServer();
  server.on("session", session => sessions.add(session));
  server.on("stream", stream => {
    stream.on("error", () => {});
    stream.once("data", (framed: Buffer) => {
      const answer = lookup(framed.subarray(5));
      const head = { ":status": 200, "content-type": "application/grpc" };
      if (!answer) return stream.respond({ ...head, "grpc-status": String(NOT_FOUND) }, { endStream: true });
      stream.respond(head, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, answer.length]), answer]));
    });
  });
  // An Envoy in a container reaches this machine only by an address that is not the loopback's.
  await new Promise<void>(resolve => server.listen(0, "0.0.0.0", resolve));
  const stop = (): void => {
    for (const session of sessions) session.destroy();
    server.close();
  };
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}
