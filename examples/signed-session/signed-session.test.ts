import { createHmac } from "node:crypto";
import { buildFilter, describeHosts, type HostUpstream, type RunningHost } from "meshwright/vitest";
import { beforeAll, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
const [KEY, OLD_KEY] = ["0f".repeat(32), "a1".repeat(48)];
const YEAR_2100 = 4_102_444_800;

/** What the service that signs users in puts into the cookie. */
function session(claims: unknown, key = KEY): string {
  const text = Buffer.from(typeof claims === "string" ? claims : JSON.stringify(claims)).toString("base64url");
  return `${text}.${createHmac("sha256", Buffer.from(key, "hex")).update(text).digest("base64url")}`;
}

describeHosts("signed-session", {}, host => {
  let proxy: RunningHost;
  let upstream: HostUpstream;
  const start = (env: Record<string, string>) =>
    host.start({
      clusters: [{ name: "upstream", url: upstream.url }],
      listeners: [{ name: "in", filters: [{ name: "signed-session", wasm, config: { open: ["/login"] }, env }] }],
    });
  beforeAll(async () => {
    upstream = await host.upstream();
    proxy = await start({ SESSION_KEYS: `${KEY}, ${OLD_KEY}` });
  });
  const get = (cookies: readonly string[], path = "/orders") =>
    proxy.request("in", { path, headers: [["x-user-id", "forged"], ...cookies.map(cookie => ["cookie", cookie] as [string, string])] });
  const userOf = async (cookie: string) =>
    (await get([cookie])).upstream?.headers.filter(([name]) => name === "x-user-id").map(([, value]) => value);

  it("lets a request with a session pass, and says whose it is", async () => {
    expect(await userOf(`session=${session({ sub: "u42", exp: YEAR_2100 })}`)).toEqual(["u42"]);
    expect(await userOf(`a=b; session="${session({ sub: "zoë", exp: YEAR_2100 })}"; c=d`)).toEqual(["zo\xc3\xab"]);
  });

  it("takes every key of the list, so that keys can be changed", async () => {
    expect(await userOf(`session=${session({ sub: "u42", exp: YEAR_2100 }, OLD_KEY)}`)).toEqual(["u42"]);
  });

  const valid = session({ sub: "u42", exp: YEAR_2100 });
  it.each([
    ["nothing", ""],
    ["another cookie", `sessions=${valid}`],
    ["no signature", `session=${valid.split(".")[0]}`],
    ["an empty signature", `session=${valid.split(".")[0]}.`],
    ["half of a signature", `session=${valid.slice(0, -20)}`],
    ["claims that were changed", `session=x${valid}`],
    ["the key of somebody else", `session=${session({ sub: "u42", exp: YEAR_2100 }, "00".repeat(32))}`],
    ["a signature that is no base64url", `session=${valid.slice(0, -1)}!`],
  ])("answers 401 with JSON without a valid signature, and the upstream gets no request: %j", async (_, cookie) => {
    const before = upstream.requests.length;
    const response = await get(cookie === "" ? [] : [cookie]);
    expect(response.status).toBe(401);
    expect(upstream.requests.length).toBe(before);
    expect(response.headers).toEqual(expect.arrayContaining([["content-type", "application/json"]]));
    expect(JSON.parse(response.body)).toEqual({ error: "unauthorized", reason: "there is no valid session", path: "/orders" });
  });

  it("answers 401 when a session has ended, has no user, or says nothing that can be read", async () => {
    const reason = async (claims: unknown) => JSON.parse((await get([`session=${session(claims)}`])).body).reason;
    expect(await reason({ sub: "u42", exp: 1 })).toBe("the session of u42 has ended");
    expect(await reason({ sub: "u42" })).toBe("the session of u42 has ended");
    expect(await reason({ sub: "", exp: YEAR_2100 })).toBe("the session has no user");
    expect(await reason({ sub: 42, exp: YEAR_2100 })).toBe("the session has no user");
    expect(await reason("[]")).toBe("the session has no user");
    expect(await reason("{")).toBe("the session is no JSON");
    expect(await reason({ sub: "a\nb", exp: YEAR_2100 })).toBe("the user can't be in a header");
  });

  it("answers in JSON whatever the client sent", async () => {
    const path = '/a"b\\c?d="},{';
    expect(JSON.parse((await get([], path)).body).path).toBe(path);
    const name = 'eve"\\\u0001\n\u2028😀';
    const { body } = await get([`session=${session({ sub: name, exp: 1 })}`]);
    expect(JSON.parse(body).reason).toBe(`the session of ${name} has ended`);
  });

  it("lets everybody reach the paths that are open, without the user that the client claims", async () => {
    const response = await get([], "/login?back=/orders");
    expect(response.status).toBe(200);
    expect(response.upstream?.headers.filter(([name]) => name === "x-user-id")).toEqual([]);
    expect((await get([], "/login/")).status).toBe(401);
  });

  it("refuses to start without keys, or with what is none", async () => {
    const problem = "signed-session: keys_env: expected a variable with keys of 64 hexadecimal digits or more, divided by commas";
    await expect(start({ OTHER: KEY })).rejects.toThrow(problem);
    await expect(start({ SESSION_KEYS: "secret" })).rejects.toThrow(problem);
    await expect(start({ SESSION_KEYS: `${KEY},${KEY.slice(2)}` })).rejects.toThrow(problem);
  });
});
