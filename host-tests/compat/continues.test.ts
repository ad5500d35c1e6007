/** Callbacks that ask for what they return: Envoy goes on twice then, and the upstream gets the request twice. */
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await buildWithCompat("continues");
}, 300_000);

describeHosts("a stream that is to go on, on compat", {}, host => {
  it.each(["headers", "headers, stop", "body", "body, stop"])("goes on once, asked in a callback: %s", async wanted => {
    const echo = await host.upstream({ respond: () => ({ status: 201, body: "given" }) });
    const filters = [{ name: "continues", wasm, config: "x" }];
    const proxy = await host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters }] });
    const answer = await proxy.request("in", { method: "POST", headers: [["x-continue", wanted]], body: "a body" });
    expect(answer).toMatchObject({ status: 201, body: "given" });
    expect(answer.headers.filter(([name]) => name === "x-passes")).toEqual([["x-passes", "once"]]);
    expect(echo.requests.map(({ body }) => body)).toEqual(["a body"]);
    // The connection is still good.
    expect((await proxy.request("in", { method: "POST", headers: [["x-continue", "headers"]], body: "more" })).status).toBe(201);
    expect(echo.requests).toHaveLength(2);
  });
});
