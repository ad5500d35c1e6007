import { on } from "node:events";
import { createConnection } from "node:net";
import { createHost } from "meshwright/host";
import { buildFilter, describeEnvoy } from "meshwright/vitest";
import { describe, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));

describe("[emulator] tcp-tap", () => {
  it("counts bytes and connections, logs how a connection began, and changes nothing", async () => {
    const host = createHost();
    host.plugin({ name: "tcp-tap", wasm });
    const connection = host.connect();
    connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").respond("HTTP/1.1 200 OK\r\n\r\n");
    expect(connection.upstream.toString()).toBe("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    expect(connection.downstream.toString()).toBe("HTTP/1.1 200 OK\r\n\r\n");
    await expect(host).toHaveMetric("tcp_tap.connections", 1);
    connection.close();
    await expect(host).toHaveMetric("tcp_tap.connections", 0);
    await expect(host).toHaveMetric("tcp_tap.received_bytes", 27);
    await expect(host).toHaveMetric("tcp_tap.sent_bytes", 19);
    expect(host).toHaveLogged(/begins with: GET \/ HTTP\/1\.1$/, "info");
    expect(host).toHaveLogged("closed after 27 bytes in, 19 out", "info");
  });
});

describeEnvoy("tcp-tap", {}, envoy => {
  it("counts bytes and connections, logs how a connection began, and changes nothing", async () => {
    const echo = await envoy.echo({ respond: () => ({ body: "answered" }) });
    const proxy = await envoy.start({
      config: {
        clusters: [{ name: "echo", url: echo.url }],
        listeners: [{ name: "in", tcp: "echo", filters: [{ name: "tcp-tap", wasm }] }],
      },
      componentLogLevel: "wasm:info",
    });
    const { hostname, port } = new URL(proxy.url("in"));
    const socket = createConnection(Number(port), hostname);
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let received = "";
    for await (const data of on(socket, "data")) {
      received += data;
      if (received.includes("answered")) break;
    }
    expect(echo.requests[0]?.path).toBe("/");
    expect(await proxy.stat("wasmcustom.tcp_tap.connections")).toBe(1);
    socket.destroy();
    await proxy.waitForLog(/begins with: GET \/ HTTP\/1\.1$/);
    await proxy.waitForLog(/closed after 27 bytes in, \d+ out/);
    expect(await proxy.stat("wasmcustom.tcp_tap.connections")).toBe(0);
    expect(await proxy.stat("wasmcustom.tcp_tap.received_bytes")).toBe(27);
  });
});
