import { expect, it } from "vitest";
import { buildGcore } from "./build.ts";
import { describeFilter, serve } from "./scenarios.ts";

const gcore = {
  sdk: "@gcoredev/proxy-wasm-sdk-as",
  by: "gcore",
  build: () => buildGcore(),
  // It writes to the standard output, and the host takes every such line for one of level info.
  line: (text: string) => `[INFO]: ${text}`,
  notAsked: "not asked: 2",
};

describeFilter(gcore, (host, wasm) => {
  it("traps in proxy_on_done when an old configuration has drained, and then answers 503: a defect of that SDK, alike on both hosts", async () => {
    const { proxy, spec } = await serve(host, wasm(), "one");
    expect(await proxy.request("in", {})).toHaveHeader("x-response", "one");
    expect(await proxy.update(spec("two"))).toMatchObject({ accepted: true });
    expect(await proxy.request("in", {})).toHaveHeader("x-response", "two");
    await expect(proxy).not.toHaveLogged(/proxy_on_done failed/);
    await proxy.drained();
    await proxy.waitForLog(/Function: proxy_on_done failed/);
    await expect(proxy).toHaveLogged(/Key does not exist/);
    expect((await proxy.request("in", {})).status).toBe(503);
    expect((await proxy.request("in", {})).status).toBe(503);
  });
});
