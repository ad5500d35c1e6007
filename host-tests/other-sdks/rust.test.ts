import { expect, it } from "vitest";
import { buildRust } from "./build.ts";
import { describeFilter, serve } from "./scenarios.ts";

const rust = {
  sdk: "the Rust SDK",
  by: "rust",
  build: buildRust,
  line: (text: string) => text,
  notAsked: "not asked: BadArgument",
};

describeFilter(rust, (host, wasm) => {
  it("ends an old configuration after the drain, and the new one serves on", async () => {
    const { proxy, spec } = await serve(host, wasm(), "one");
    expect(await proxy.request("in", {})).toHaveHeader("x-response", "one");
    expect(await proxy.update(spec("two"))).toMatchObject({ accepted: true });
    expect(await proxy.request("in", {})).toHaveHeader("x-response", "two");
    await proxy.drained();
    await proxy.waitForLog(/plugin done one$/);
    const after = await proxy.request("in", {});
    expect(after.status).toBe(200);
    expect(after).toHaveHeader("x-response", "two");
    await expect(proxy).not.toHaveLogged(/plugin done two/);
  });
});
