import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type ProxyHost } from "../matrix.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("tcp");
});

async function start(host: ProxyHost) {
  const upstream = await host.tcpUpstream();
  const proxy = await host.start({
    clusters: [{ name: "lines", url: upstream.url }],
    listeners: [{ name: "in", tcp: "lines", filters: [{ name: "tap", wasm, config: "hello" }] }],
  });
  return { proxy, upstream, connect: () => proxy.connect("in") };
}

describeHosts("TCP connections", {}, host => {
  it("are read and changed in both directions; half a line waits for the rest", async () => {
    const { proxy, upstream, connect } = await start(host);
    const client = await connect();
    await proxy.waitForLog(/connected hello/);
    await client.send("one\n");
    expect(await client.waitFor("\n")).toBe("> ONE\n");
    await client.send("tw");
    await client.send("o\n");
    expect(await client.waitFor("TWO\n")).toBe("> ONE\n> TWO\n");
    expect(upstream.connections[0]?.received).toBe("ONE\nTWO\n");
    await client.end();
    await proxy.waitForLog(/client closed after 8/);
    await proxy.waitForLog(/logged 8/);
    await proxy.waitForLog(/deleted 8/);
  });

  it("wait until another callback lets them go on", async () => {
    const { proxy, connect } = await start(host);
    const client = await connect();
    await client.send("wait\n");
    // What was held goes on as it is: the callback does not see it again.
    expect(await client.waitFor("\n")).toBe("> wait\n");
    await proxy.waitForLog(/resumed 0/);
    await client.send("upstream\n");
    await client.waitFor("> UPSTREAM\n");
    // Envoy implements it for the client's data only.
    await proxy.waitForLog(/continued 12/);
  });

  it("tell which side closed, and end when the filter closes the upstream", async () => {
    const { proxy, connect } = await start(host);
    const [a, b] = [await connect(), await connect()];
    await a.end("last\n");
    await proxy.waitForLog(/upstream closed by 0/);
    await proxy.waitForLog(/client closed after 5 by 1/);
    await b.send("hang up\n");
    await b.ended();
    await proxy.waitForLog(/hung up 0/);
    await proxy.waitForLog(/client closed after 8 by 1/);
    const c = await connect();
    await c.send("x\n");
    await c.waitFor("X");
    await c.reset();
    await proxy.waitForLog(/client closed after 2 by 2/);
  });

  it("have state of their own, and end when the filter closes them", async () => {
    const { proxy, connect } = await start(host);
    const [a, b] = [await connect(), await connect()];
    await a.send("abc\n");
    expect(await a.waitFor("\n")).toBe("> ABC\n");
    await b.send("quit\n");
    await b.ended();
    await proxy.waitForLog(/deleted 0/);
    await a.send("d\n");
    expect(await a.waitFor("> D\n")).toBe("> ABC\n> D\n");
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});
