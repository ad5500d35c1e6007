import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, grpcAnswer, grpcMessages, type ProxyHost, type UpstreamOptions } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("auth-callout");
});

/** A loaded machine has seconds to spare where an answer is expected. */
const PATIENT = { timeout_ms: 30_000 };
const HASTY = { timeout_ms: 200 };

async function start(host: ProxyHost, config: object, authority: UpstreamOptions["respond"], directory?: UpstreamOptions["respond"]) {
  const upstream = await host.upstream();
  const service = await host.upstream(authority ? { respond: authority } : {});
  const tenants = await host.upstream(directory ? { respond: directory } : {});
  const proxy = await host.start({
    clusters: [
      { name: "upstream", url: upstream.url },
      { name: "authority", url: service.url },
      { name: "directory", url: tenants.url, http2: true },
      { name: "nobody", url: "http://127.0.0.1:1", http2: true },
    ],
    listeners: [{ name: "in", filters: [{ name: "auth-callout", wasm, config }] }],
  });
  return { proxy, upstream, service, tenants };
}

describeHosts("a filter that asks before a request may pass", {}, host => {
  it("lets several wait, each for its own answer", async () => {
    const { proxy, service, upstream } = await start(host, PATIENT, "manual");
    const sent = ["/a", "/b", "/c"].map(path => proxy.request("in", { path }));
    const asked = [await service.next(), await service.next(), await service.next()];
    expect(asked.map(({ path }) => path).sort()).toEqual(["/a", "/b", "/c"]);
    expect(upstream.requests).toEqual([]);
    for (const each of asked.toReversed()) each.respond({ status: each.path === "/b" ? 401 : 200 });
    const answers = await Promise.all(sent);
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 200]);
    expect(answers.map(answer => answer.upstream?.path ?? null)).toEqual(["/a", null, "/c"]);
  });

  it("answers by itself when none comes in time: never, too late, or not from a test that holds it", async () => {
    const never = await start(host, HASTY, () => "never");
    expect((await never.proxy.request("in")).status).toBe(504);
    const late = await start(host, HASTY, () => ({ delayMs: 5_000 }));
    expect((await late.proxy.request("in")).status).toBe(504);
    const held = await start(host, HASTY, "manual");
    expect((await held.proxy.request("in")).status).toBe(504);
    expect((await held.service.next()).path).toBe("/");
  });

  it("waits for an answer that is slow", async () => {
    const { proxy } = await start(host, PATIENT, () => ({ delayMs: 100 }));
    expect((await proxy.request("in")).status).toBe(200);
  });

  it("tells a broken connection from an answer", async () => {
    const { proxy } = await start(host, PATIENT, ({ path }) => {
      if (path === "/half") return { body: "half", thenReset: true };
      return path === "/reset" ? "reset" : { status: 503 };
    });
    for (const path of ["/reset", "/half"]) expect((await proxy.request("in", { path })).body).toBe("no answer\n");
    expect((await proxy.request("in")).status).toBe(403);
  });

  it("asks a gRPC service, which answers, refuses, breaks off, or is not there", async () => {
    const answers = [grpcAnswer({ message: "acme" }), grpcAnswer({ status: 5, statusMessage: "no such" }), "reset" as const];
    const { proxy, tenants } = await start(host, { ...PATIENT, directory: "directory" }, undefined, () => answers.shift());
    const tenant = async () => (await proxy.request("in")).upstream?.headers.find(([name]) => name === "x-tenant")?.[1];
    expect([await tenant(), await tenant(), await tenant()]).toEqual(["acme", "none", "none"]);
    expect(tenants.requests[0]).toMatchObject({ method: "POST", path: "/example.Directory/Tenant" });
    expect(tenants.requests[0]).toHaveHeader("content-type", "application/grpc");
    expect(grpcMessages(tenants.requests[0]?.body ?? "").map(String)).toEqual(["who?"]);
    const codes = async () => (await proxy.logs(/grpc \d+/)).map(line => /grpc (\d+) (.{0,7})/.exec(line)?.slice(1));
    expect(await codes()).toEqual([["0", ""], ["5", "no such"], ["14", "upstrea"]]); // biome-ignore format: pairs
    const dead = await start(host, { ...PATIENT, directory: "nobody" }, undefined);
    expect((await dead.proxy.request("in")).upstream).toHaveHeader("x-tenant", "none");
    await expect(dead.proxy).toHaveLogged(/grpc 14 upstream connect error/);
  });

  it("has no more time for a gRPC service", async () => {
    const { proxy } = await start(host, { timeout_ms: 1000, directory: "directory" }, undefined, () => "never");
    expect((await proxy.request("in")).upstream).toHaveHeader("x-tenant", "none");
    await expect(proxy).toHaveLogged(/grpc (4|14) /);
  });
});
