import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { chooseRun, type EnvoySpec } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";

const sha256 = createHash("sha256").update("key").digest("hex");
const pack: [name: string, config: object][] = [
  ["mesh-telemetry", { span_attributes: { custom_attributes: { "app.version": "1" } }, trace_context: { parent_id: "renew" } }],
  ["request-auth", { api_keys: { keys: [{ sha256, user: "u1" }] }, public_paths: ["/open"] }],
  ["traffic-split", { variants: [{ name: "stable", weight: 1 }], rules: [{ query: "variant" }] }],
  ["tenant-metrics", {}],
];
const filters = pack.map(([name, config]) => ({ name, wasm: `build/${name}.wasm`, config, vmId: name }));

/** An upstream that answers each connection's first request with these bytes, one after the other. */
async function upstream(...answers: string[]): Promise<{ url: string; received: () => string }> {
  let received = "";
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", chunk => {
      const isFirst = !received.includes("\r\n\r\n");
      received += chunk.toString("latin1");
      if (isFirst && received.includes("\r\n\r\n")) for (const answer of answers) socket.write(answer, "latin1");
    });
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const host = (await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1";
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => received };
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const KEY = "host: shop\r\nx-api-key: key\r\n";
/** After the answer Envoy closes. */
const LAST = `${KEY}connection: close\r\n`;

describeEnvoy("the filters of the pack in one chain", {}, envoy => {
  /** What came back for the bytes, from an Envoy whose filters wrote nothing but information meanwhile. */
  const exchange = async (bytes: string, hcm: object, answers: string[], until?: RegExp) => {
    const { url, received } = await upstream(...answers);
    const config: EnvoySpec = {
      clusters: [{ name: "up", url }],
      listeners: [{ name: "in", filters, hcm: { ...hcm } }],
    };
    const proxy = await envoy.start({ config });
    const answer = await proxy.raw("in", bytes, until ? { until } : {});
    expect(await proxy.logs(/\[(error|critical)\].*wasm/)).toEqual([]);
    return { answer, received: received() };
  };
  const traced = /\r\ntraceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\r\n/;

  it("serve HTTP/1.0, with the listener's host where the request has none", async () => {
    const options = { http_protocol_options: { accept_http_10: true, default_host_for_http_10: "shop" } };
    const { answer, received } = await exchange("GET /a HTTP/1.0\r\nx-api-key: key\r\n\r\n", options, [OK]);
    expect(answer).toMatch(/^HTTP\/1\.0 200 OK\r\n[\s\S]*\r\n\r\nok$/);
    expect(received).toMatch(/^GET \/a HTTP\/1\.1\r\nhost: shop\r\n/);
    expect(received).toMatch(traced);
  });

  it("let a client wait for 100, from Envoy or from the upstream", async () => {
    const request = `POST /a HTTP/1.1\r\n${LAST}expect: 100-continue\r\ncontent-length: 3\r\n\r\nabc`;
    for (const [hcm, answers] of [
      [{}, [OK]],
      [{ proxy_100_continue: true }, ["HTTP/1.1 100 Continue\r\n\r\n", OK]],
    ] as const) {
      const { answer, received } = await exchange(request, hcm, [...answers]);
      expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
      expect(received).toMatch(traced);
      expect(received).toMatch(/x-user-id: u1\r\n[\s\S]*\r\n\r\nabc$/);
    }
  });

  it("take no 103 for the answer", async () => {
    const answers = ["HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n", OK];
    const { answer } = await exchange(`GET /a HTTP/1.1\r\n${LAST}\r\n`, {}, answers);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
  });

  it("pass what follows an upgrade", async () => {
    const upgrade = "connection: Upgrade\r\nupgrade: websocket\r\n";
    const answers = [`HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`, "frames"];
    const hcm = { upgrade_configs: [{ upgrade_type: "websocket" }] };
    const { answer, received } = await exchange(`GET /a HTTP/1.1\r\n${KEY}${upgrade}\r\n`, hcm, answers, /frames$/);
    expect(answer).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n[\s\S]*\r\n\r\nframes$/);
    expect(received).toMatch(traced);
  });

  it("judge a request without a path by its key", async () => {
    const hcm = { upgrade_configs: [{ upgrade_type: "CONNECT" }] };
    const refused = await exchange("CONNECT shop:443 HTTP/1.1\r\nhost: shop:443\r\n\r\n", hcm, [OK], /\r\n\r\n/);
    expect(refused.answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    // No route of the listener is for CONNECT.
    const known = await exchange("CONNECT shop:443 HTTP/1.1\r\nhost: shop:443\r\nx-api-key: key\r\n\r\n", hcm, [OK], /\r\n\r\n/);
    expect(known.answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });
});
