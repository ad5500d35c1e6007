import { generateKeyPairSync } from "node:crypto";
import { connect, createServer, type IncomingHttpHeaders } from "node:http2";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { type ClusterSpec, chooseRun, type ListenerSpec, type RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { describeHosts } from "../matrix.ts";
import { fixture } from "./fixture.ts";
import { sendWithMetadata, startMetadataServer } from "./http2-metadata.ts";
import { eventsOf, inHeaders, startPhases, type Wishes } from "./phases.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("phases");
});

const serverHost = async () => ((await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1");

const startInFrontOf = (envoy: EnvoySuite, cluster: ClusterSpec, listener: Partial<ListenerSpec> = {}) =>
  envoy.start({
    config: { clusters: [cluster], listeners: [{ name: "in", filters: [{ name: "phases", wasm }], ...listener }] },
    componentLogLevel: "wasm:info",
  });

/** An HTTP/2 upstream that answers with trailers and keeps those that it gets. */
async function startTrailersServer() {
  const trailers: IncomingHttpHeaders[] = [];
  const server = createServer();
  server.on("stream", stream => {
    stream.on("error", () => {});
    stream.on("trailers", got => trailers.push(got));
    stream.on("end", () => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sent": "from the server" }));
      stream.end("answer");
    });
    stream.resume();
  });
  const host = await serverHost();
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, trailers };
}

/** A request with trailers over HTTP/2; resolves to the response's trailers. */
function exchangeTrailers(proxy: RunningEnvoy, wishes: Wishes): Promise<IncomingHttpHeaders> {
  const session = connect(proxy.url("in"));
  onTestFinished(() => session.destroy());
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const request = session.request(
      { ":method": "POST", ":path": "/", ...Object.fromEntries(inHeaders(wishes)) },
      { waitForTrailers: true },
    );
    request.on("wantTrailers", () => request.sendTrailers({ "x-sent": "from the client", "x-secret": "1" }));
    request.on("trailers", resolve);
    request.on("error", reject);
    request.resume();
    request.end("hello");
  });
}

describeEnvoy("trailers", {}, envoy => {
  it.each([
    ["are read and changed in both directions", {}],
    ["wait, and what waits with them, until another callback lets them go on", { "request-trailers": "1", "response-trailers": "1" }],
  ])("%s", async (_, wishes) => {
    const server = await startTrailersServer();
    const proxy = await startInFrontOf(envoy, { name: "server", url: server.url, http2: true });
    expect(await exchangeTrailers(proxy, { id: "1", ...wishes })).toMatchObject({
      "x-sent": "from the server",
      "x-added": "by the filter",
    });
    expect(server.trailers).toMatchObject([{ "x-sent": "from the client", "x-added": "by the filter" }]);
    expect(server.trailers[0]?.["x-secret"]).toBeUndefined();
    const resumed = "request-trailers" in wishes ? (side: string) => `, ${side} resumed` : () => "";
    expect(await eventsOf(proxy, "1")).toBe(
      `created, request headers, request body, request trailers from the client${resumed("request")}, ` +
        `response headers, response body, response trailers from the server${resumed("response")}, log, done, delete`,
    );
  });
});

describeEnvoy("HTTP/2 metadata", {}, envoy => {
  it("is counted in both directions, and goes on", async () => {
    const server = await startMetadataServer(await serverHost(), [["m", "1"]]); // biome-ignore format: pairs
    onTestFinished(() => server.stop());
    const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    const http2 = { explicit_http_config: { http2_protocol_options: { allow_metadata: true } } };
    const upstream = { typed_extension_protocol_options: { [options]: { "@type": `type.googleapis.com/${options}`, ...http2 } } };
    const proxy = await startInFrontOf(
      envoy,
      { name: "server", url: server.url, cluster: upstream },
      { hcm: { http2_protocol_options: { allow_metadata: true } } },
    );
    const metadata = [["m", "1"], ["n", "2"]] as const; // biome-ignore format: pairs
    const socket = sendWithMetadata(proxy.address("in"), inHeaders({ id: "1" }), metadata);
    onTestFinished(() => void socket.destroy());
    const events = await eventsOf(proxy, "1");
    expect(events).toContain("request metadata 2");
    expect(events).toContain("response metadata 1");
    expect(events).toContain("response body, log");
  });
});

describeHosts("a header map as a whole", {}, host => {
  it("is measured and replaced, without what a request cannot do without", async () => {
    const { proxy } = await startPhases(host, wasm);
    const { status, upstream } = await proxy.request("in", { headers: inHeaders({ request: "map" }) });
    const headers = upstream?.headers ?? [];
    expect(headers.filter(([name]) => name === "x-saw").map(([, value]) => value)).toEqual([
      "grew by 10",
      "not there 0",
      "bad 2",
      "still 4444",
      "replaced 0 1|2",
      "gone true",
      "no response yet 2",
    ]);
    expect(headers.filter(([name]) => /^x-(one|empty|four|request)$/.test(name))).toEqual([["x-one", "1"], ["x-one", "2"], ["x-empty", ""]]); // biome-ignore format: pairs
    expect({ status, method: upstream?.method, path: upstream?.path }).toEqual({ status: 200, method: "GET", path: "/" });
  });
});

describeHosts("a stream that a filter resets", {}, host => {
  it("ends without an answer, and is logged and deleted", async () => {
    const { proxy, run } = await startPhases(host, wasm);
    await expect(run({ request: "reset", "request-headers": "1" })).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await eventsOf(proxy, "1")).toBe("created, request headers end, reset 0, log, done, delete");
  });
});

describeHosts("a plugin context at its start", {}, host => {
  it("reads the VM's configuration and the environment, and may refuse the VM", async () => {
    const { proxy } = await startPhases(host, wasm, { filter: { vmConfig: "of the VM", env: { ZONE: "a=b", EMPTY: "" } } });
    await proxy.waitForLog(/environment a=b '' true/);
    const order = (await proxy.logs(/wasm log phases: /)).map(line => line.replace(/.*wasm log phases: /, ""));
    expect(order.slice(0, 3)).toEqual(["plugin created", "vm configuration 'of the VM'", "environment a=b '' true"]);
    await expect(startPhases(host, wasm, { filter: { vmConfig: "refused" } })).rejects.toThrow(/phases|Wasm/);
  });

  it("is never asked to validate a configuration beforehand", async () => {
    const { proxy, run } = await startPhases(host, wasm, { filter: { config: "{}" } });
    expect((await run({})).status).toBe(200);
    expect(await proxy.logs(/validate_configuration/)).toEqual([]);
  });
});

describeHosts("foreign functions at configuration", {}, host => {
  it("sign, verify, refuse what is forged, declare a property once, and delete an expression", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const { proxy } = await startPhases(host, wasm, { filter: { rootId: "crypto", config: { private: privateKey, public: publicKey } } });
    await proxy.waitForLog(/signed true forged false/);
    await proxy.waitForLog(/declared true again 2/);
    await proxy.waitForLog(/deleted 0 then absent/);
  });
});
