import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type ProxyHost, type TcpUpstreamOptions } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("tcp-limiter");
});

async function start(host: ProxyHost, config: object, options: TcpUpstreamOptions = {}) {
  const upstream = await host.tcpUpstream(options);
  const proxy = await host.start({
    clusters: [
      { name: "upstream", url: upstream.url },
      { name: "dead", url: "tcp://127.0.0.1:1" },
    ],
    listeners: [
      { name: "in", tcp: "upstream", filters: [{ name: "tcp-limiter", wasm, config }] },
      { name: "dead", tcp: "dead", filters: [{ name: "tcp-limiter", wasm, config }] },
    ],
  });
  return { proxy, upstream };
}

describeHosts("a TCP filter", {}, host => {
  it("meets what is sent piece by piece, in both directions", async () => {
    const { proxy, upstream } = await start(host, {}, { respond: "manual" });
    const client = await proxy.connect("in");
    const server = await upstream.next();
    await client.send("one");
    await client.send("three");
    await server.waitFor("onethree");
    await server.send("o");
    await server.send("kay");
    expect(await client.waitFor(4)).toBe("okay");
    await expect(proxy).toHaveLogged("piece of 3");
    await expect(proxy).toHaveLogged("piece of 5");
    await expect(proxy).toHaveLogged("answer of 1");
    await expect(proxy).toHaveLogged("answer of 3");
  });

  it("lets each side end alone; the connection closes when both have", async () => {
    const { proxy, upstream } = await start(host, {}, { respond: "manual" });
    const client = await proxy.connect("in");
    const server = await upstream.next();
    await client.end("all");
    expect(await server.ended()).toBe("end");
    expect(server.received).toBe("all");
    await proxy.waitForLog("piece of 0, the last");
    await server.send("late");
    expect(await client.waitFor("late")).toBe("late");
    await expect(proxy).not.toHaveLogged("closed by");
    await server.end();
    expect(await client.ended()).toBe("end");
    await proxy.waitForLog("closed by the proxy");
  });

  it("closes a connection that is one too many, and takes the next when there is room", async () => {
    const { proxy, upstream } = await start(host, { connections: 1 });
    const first = await proxy.connect("in");
    await first.send("hello");
    await first.waitFor("hello");
    const second = await proxy.connect("in");
    await second.ended();
    expect(second.received).toBe("");
    await expect(proxy).toHaveLogged("too many connections", "warning");
    await first.end();
    await first.ended();
    await expect.poll(async () => (await proxy.logs("closed by")).length).toBe(2);
    const third = await proxy.connect("in");
    await third.send("again");
    expect(await third.waitFor("again")).toBe("again");
    expect(upstream.connections.map(({ received }) => received)).toEqual(["hello", "again"]);
  });

  it("closes both sides when one has sent too much, of which nothing goes through", async () => {
    const { proxy, upstream } = await start(host, { bytes: 4 });
    const client = await proxy.connect("in");
    await client.send("1234");
    await client.waitFor("1234");
    await client.send("5");
    await client.ended();
    await upstream.connections[0]?.ended();
    expect(upstream.connections[0]?.received).toBe("1234");
    await expect(proxy).toHaveLogged("too many bytes", "warning");
  });

  it("is told who broke a connection", async () => {
    const { proxy, upstream } = await start(host, {}, { respond: "manual" });
    const client = await proxy.connect("in");
    const server = await upstream.next();
    await client.send("x");
    await server.waitFor("x");
    await client.reset();
    await server.ended();
    await proxy.waitForLog("closed by the client");
    const other = await proxy.connect("in");
    const behind = await upstream.next();
    await other.send("y");
    await behind.waitFor("y");
    await behind.reset();
    await other.ended();
    await proxy.waitForLog("closed by the proxy");
  });

  it("sees a connection close whose upstream refuses", async () => {
    const { proxy } = await start(host, {});
    const client = await proxy.connect("dead");
    await client.ended();
    expect(client.received).toBe("");
    await proxy.waitForLog("closed by the proxy");
    await expect(proxy).not.toHaveLogged(/answer of|piece of/);
  });

  it("says what a mistake of the test is", async () => {
    const { proxy } = await start(host, {});
    await expect(proxy.connect("nowhere")).rejects.toThrow('there is no listener "nowhere"; there is: in, dead');
    await expect(proxy.request("in")).rejects.toThrow('the listener "in" passes TCP on (tcp: "upstream"); use connect()');
    const client = await proxy.connect("in");
    await client.end("x");
    await expect(client.send("y")).rejects.toThrow("send() after end()");
    await client.ended();
    await expect(client.waitFor("z")).rejects.toThrow('waits for "z"; it received "x", and then the other side ended the connection');
  });
});
