import { buildFilter, describeHosts } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));

describeHosts("tcp-tap", {}, host => {
  it("counts bytes and connections, logs how a connection began, and changes nothing", async () => {
    const upstream = await host.tcpUpstream({ respond: data => `got ${data.length}` });
    const proxy = await host.start({
      clusters: [{ name: "upstream", url: upstream.url }],
      listeners: [{ name: "in", tcp: "upstream", filters: [{ name: "tcp-tap", wasm }] }],
    });
    const client = await proxy.connect("in");
    await client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    expect(await client.waitFor("got")).toBe("got 27");
    expect(upstream.connections[0]?.received).toBe("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await expect(proxy).toHaveMetric("tcp_tap.connections", 1);
    await client.end();
    expect(await client.ended()).toBe("end");
    await proxy.waitForLog("closed after 27 bytes in, 6 out");
    await expect(proxy).toHaveLogged(/begins with: GET \/ HTTP\/1\.1$/, "info");
    await expect(proxy).toHaveMetric("tcp_tap.connections", 0);
    await expect(proxy).toHaveMetric("tcp_tap.received_bytes", 27);
    await expect(proxy).toHaveMetric("tcp_tap.sent_bytes", 6);
  });
});
