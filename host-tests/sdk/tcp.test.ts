import { createConnection, createServer, type Socket } from "node:net";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { chooseRun, type FilterSpec } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("tcp");
});

async function start(envoy: EnvoySuite) {
  const server = createServer(socket => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  const host = (await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1";
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const address = server.address() as { port: number };
  const proxy = await envoy.start({
    config: {
      clusters: [{ name: "lines", url: `http://127.0.0.1:${address.port}` }],
      listeners: [{ name: "in", tcp: "lines", filters: [{ name: "tap", wasm, config: "hello" } as FilterSpec] }],
    },
    componentLogLevel: "wasm:info",
  });
  const connect = async () => {
    const { hostname, port } = new URL(proxy.url("in"));
    const socket = createConnection(Number(port), hostname);
    // How it ends is told by the filter's log.
    socket.on("error", () => {});
    await new Promise<void>(resolve => socket.once("connect", () => resolve()));
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  return { proxy, connect };
}

const read = (socket: Socket) => new Promise<string>(resolve => socket.once("data", data => resolve(data.toString())));

describeEnvoy("TCP connections", {}, envoy => {
  it("are read and changed in both directions; half a line waits for the rest", async () => {
    const { proxy, connect } = await start(envoy);
    const socket = await connect();
    await proxy.waitForLog(/connected hello/);
    socket.write("one\n");
    expect(await read(socket)).toBe("> ONE\n");
    socket.write("tw");
    await new Promise(resolve => setTimeout(resolve, 100));
    socket.write("o\n");
    expect(await read(socket)).toBe("> TWO\n");
    socket.end();
    await proxy.waitForLog(/client closed after 8/);
    await proxy.waitForLog(/logged 8/);
    await proxy.waitForLog(/deleted 8/);
  });

  it("wait until another callback lets them go on", async () => {
    const { proxy, connect } = await start(envoy);
    const socket = await connect();
    socket.write("wait\n");
    expect(await read(socket)).toBe("> wait\n");
    await proxy.waitForLog(/resumed 0/);
    socket.write("upstream\n");
    expect(await read(socket)).toBe("> UPSTREAM\n");
    // Envoy implements it for the client's data only.
    await proxy.waitForLog(/continued 12/);
  });

  it("tell which side closed, and end when the filter closes the upstream", async () => {
    const { proxy, connect } = await start(envoy);
    const [a, b] = [await connect(), await connect()];
    a.end("last\n");
    await proxy.waitForLog(/upstream closed by 0/);
    await proxy.waitForLog(/client closed after 5 by 1/);
    b.resume();
    const closed = new Promise<void>(resolve => b.once("close", () => resolve()));
    b.write("hang up\n");
    await closed;
    await proxy.waitForLog(/hung up 0/);
    await proxy.waitForLog(/client closed after 8 by 1/);
    const c = await connect();
    c.write("x\n");
    await read(c);
    c.resetAndDestroy();
    await proxy.waitForLog(/client closed after 2 by 2/);
  });

  it("have state of their own, and end when the filter closes them", async () => {
    const { proxy, connect } = await start(envoy);
    const [a, b] = [await connect(), await connect()];
    a.write("abc\n");
    expect(await read(a)).toBe("> ABC\n");
    const closed = new Promise<void>(resolve => b.once("close", () => resolve()));
    b.resume();
    b.write("quit\n");
    await closed;
    await proxy.waitForLog(/deleted 0/);
    a.write("d\n");
    expect(await read(a)).toBe("> D\n");
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});
