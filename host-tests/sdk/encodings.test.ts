import { createHash } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { describeHosts, type ProxyHost } from "../matrix.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("encodings");
});

async function start(host: ProxyHost, rootId: string) {
  const upstream = await host.upstream();
  return host.start({
    clusters: [{ name: "upstream", url: upstream.url }],
    listeners: [{ name: "in", filters: [{ name: rootId, wasm }] }],
  });
}

describeHosts("what a request carries", {}, host => {
  const told = async (path: string, ...headers: [string, string][]) => {
    const proxy = await start(host, "encodings");
    const { body } = await proxy.request("in", { path, headers });
    return JSON.parse(Buffer.from(body).toString());
  };

  it("is read: path, query, parameters, cookies of several fields, credentials", async () => {
    const cookies: [string, string][] = [
      ["cookie", "a=b; names=x"],
      ["cookie", 'c=d; name="v=w"'],
    ];
    expect(await told("/a%20b?x=1&n%61me=%22x%22+y", ...cookies, ["authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="])).toMatchObject({
      path: "/a%20b",
      query: "x=1&n%61me=%22x%22+y",
      parameter: '"x" y',
      cookie: "v=w",
      bearer: null,
      user: "Aladdin",
      password: "open sesame",
    });
    expect(await told("/", ["authorization", "bearer a.b.c"])).toMatchObject({ bearer: "a.b.c", user: null, password: null });
  });

  it("is encoded, decoded and signed", async () => {
    expect(await told("/", ["x-input", "what do ya want for nothing?"])).toMatchObject({
      encoded: [
        "d2hhdCBkbyB5YSB3YW50IGZvciBub3RoaW5nPw==",
        "d2hhdCBkbyB5YSB3YW50IGZvciBub3RoaW5nPw",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "what%20do%20ya%20want%20for%20nothing%3F",
      ],
      hmac: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    });
    expect((await told("/", ["x-input", "666f6f62"])).decoded).toEqual([expect.any(String), expect.any(String), "foob", "666f6f62"]);
    expect((await told("/", ["x-input", "Zm9vYg=="])).decoded).toEqual(["foob", "foob", null, "Zm9vYg=="]);
  });

  it("is null where it is absent or malformed, and nothing equals nothing", async () => {
    const nothing = { parameter: null, cookie: null, bearer: null, user: null, password: null, equal: false };
    const none = [null, null, null, null];
    expect(await told("/")).toEqual({ ...nothing, path: "/", query: null, encoded: none, decoded: none, sha256: null, hmac: null });
    expect(await told("/?", ["x-input", "%zz"], ["authorization", "Basic QQ=="])).toMatchObject({ ...nothing, query: "", decoded: none });
    // Two of them: which one counts would be up to the reader.
    const twice: [string, string][] = [
      ["authorization", "Bearer a"],
      ["authorization", "Bearer b"],
    ];
    expect(await told("/", ...twice)).toMatchObject(nothing);
  });

  it("may be larger than a callback's arena", async () => {
    const proxy = await start(host, "large");
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
    const response = await proxy.request("in", { method: "POST", body });
    const digest = createHash("sha256").update(body).digest("hex");
    expect(JSON.parse(response.body)).toEqual({ size: body.length, base64: true, hex: true, percent: true, sha256: digest });
  });
});

describeHosts("JSON with a mistake of the filter's", {}, host => {
  it("is never sent: the log says what was expected", async () => {
    const proxy = await start(host, "mistaken");
    expect((await proxy.request("in")).status).toBe(503);
    await proxy.waitForLog(/abort: JsonWriter: expected key\(\) before each value of an object \(.*json-writer\.ts:\d+:\d+\)/);
  });
});
