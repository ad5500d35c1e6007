/** What Gcore's edge does and Envoy does in another way. */
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type HostSpec, type ProxyHost } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let wasm = "";
beforeAll(async () => {
  wasm = await buildWithCompat("edge");
}, BUILD_MS);

async function start(host: ProxyHost) {
  const echo = await host.upstream({ respond: () => ({ headers: [["x-upstream", "own"]] }) });
  const env = { REQUEST_COUNTRY_HEADER: "x-geo-country", REQUEST_CITY_HEADER: "x-geo-city" };
  const spec: HostSpec = {
    clusters: [{ name: "echo", url: echo.url }],
    listeners: [
      {
        name: "in",
        filters: [{ name: "edge", wasm, config: "x", env }],
        routes: [{ path: "/rerouted", response: { status: 202, body: "rerouted" } }, { cluster: "echo" }],
      },
    ],
  };
  return { proxy: await host.start(spec), echo };
}

const HEADERS: readonly [string, string][] = [
  ["host", "shop.example:8080"],
  ["x-geo-country", "LU"],
];
/** An Envoy in a container sees the client at the bridge's address. */
const READ = [
  "url=http://shop\\.example:8080/a/page\\.html\\?b=c\\.d host=shop\\.example:8080 path=/a/page\\.html query=b=c\\.d",
  "scheme=http method=GET extension=html x_real_ip=\\d+(?:\\.\\d+){3} country=LU city=",
].join(" ");

describeHosts("Gcore's edge, on compat", {}, host => {
  it("properties of the request are there, in the response as well; what Envoy does not know comes from the headers that the environment names", async () => {
    const { proxy, echo } = await start(host);
    const response = await proxy.request("in", { path: "/a/page.html?b=c.d", headers: HEADERS });
    expect(response.status).toBe(200);
    expect(echo.requests[0]).toHaveHeader("x-read", new RegExp(`^${READ}$`));
    expect(response.header("x-late")).toContain("url=http://shop.example:8080/a/page.html?b=c.d host=shop.example:8080 path=/a/page.html");
    expect(response.header("x-late")).toContain("country=LU");
    await proxy.waitForLog(/in the body: http:\/\/shop\.example:8080\/a\/page\.html\?b=c\.d$/);
  });

  const write = async (path: string, value: string) => {
    const { proxy, echo } = await start(host);
    const headers: [string, string][] = [...HEADERS, ["x-write", path], ["x-value", value]];
    const response = await proxy.request("in", { path: "/a?b=c", headers });
    const [request] = echo.requests;
    const header = (name: string) => request?.headers.find(([each]) => each === name)?.[1];
    return { response, path: request?.path, host: header("host") ?? header(":authority"), written: header("x-written") };
  };

  it("request.url, .host, .path and .query can be written", async () => {
    expect(await write("request.url", "https://else.example/x/y?z=1")).toMatchObject({ path: "/x/y?z=1", host: "else.example" });
    expect(await write("request.host", "else.example")).toMatchObject({ path: "/a?b=c", host: "else.example", written: "0 else.example" });
    expect(await write("request.path", "/new")).toMatchObject({ path: "/new?b=c", written: "0 /new" });
    expect(await write("request.query", "n=1")).toMatchObject({ path: "/a?n=1", written: "0 n=1" });
    expect(await write("request.query", "")).toMatchObject({ path: "/a" });
  });

  it("the route is chosen anew for what was written", async () => {
    const { response } = await write("request.url", "/rerouted");
    expect(response).toMatchObject({ status: 202, body: "rerouted" });
  });

  it("what is read only stays as it is; a name of the filter's own keeps its value", async () => {
    expect((await write("request.method", "POST")).written).toBe("2 GET");
    expect((await write("request.scheme", "https")).written).toBe("2 http");
    expect((await write("request.country", "XX")).written).toBe("2 LU");
    expect((await write("nginx.log_field1", "mine")).written).toBe("0 mine");
  });

  it("headers of the response that are written in the request are in it", async () => {
    const { proxy, echo } = await start(host);
    const response = await proxy.request("in", { headers: HEADERS });
    expect(echo.requests[0]).toHaveHeader("x-early", "added early []");
    expect(response.headers.filter(([name]) => name === "x-early").map(([, value]) => value)).toEqual(["added", "twice"]);
    expect(response).toHaveHeader("x-set", "early");
    expect(response).toHaveHeader("x-saw", "early");
    expect(response).toHaveHeader("x-upstream", "replaced");
    expect(response.header("x-never")).toBeNull();
    const refused = await proxy.request("in", { headers: [...HEADERS, ["x-refuse", "yes"]] });
    expect(refused).toMatchObject({ status: 403, body: "no" });
    expect(refused).toHaveHeader("x-local", "yes");
    expect(refused).toHaveHeader("x-set", "early");
    expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
  });
});
