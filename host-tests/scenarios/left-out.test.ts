import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, type HostSpec } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("only-first");
});

const configured = (config: string, failurePolicy: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD" = "FAIL_CLOSED") =>
  ({ name: "only-first", wasm, vmId: "one", config, failurePolicy }) as const;

describeHosts("a configuration that is good alone, and that the VM in use refuses", {}, host => {
  it.each(["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD"] as const)("is left out of the chain: %s", async policy => {
    const echo = await host.upstream();
    const filters = [configured("first", policy), configured("other", policy)];
    const proxy = await host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters }] });
    for (let times = 0; times < 2; times++) {
      const { status, upstream } = await proxy.request("in");
      expect(status).toBe(200);
      expect(upstream?.headers.filter(([name]) => name === "x-seen")).toEqual([["x-seen", "first"]]);
    }
    await expect(proxy).toHaveLogged("Wasm VM failed Failed to configure thread-local Wasm plugin", "error");
  });

  it("lets no further one into that VM", async () => {
    const filters = ["first", "other", "third"].map(config => configured(config));
    await expect(host.start({ listeners: [{ name: "in", filters }] })).rejects.toThrow("Unable to create Wasm plugin");
  });

  it("is left out after an update as well, and the next update is refused", async () => {
    const echo = await host.upstream();
    const spec = (config: string): HostSpec => ({
      dynamicListeners: true,
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [configured(config)] }],
    });
    const proxy = await host.start(spec("first"));
    expect((await proxy.request("in")).upstream).toHaveHeader("x-seen", "first");
    expect(await proxy.update(spec("other"))).toMatchObject({ accepted: true });
    expect((await proxy.request("in")).upstream).not.toHaveHeader("x-seen");
    expect(await proxy.update(spec("third"))).toMatchObject({ accepted: false });
    expect((await proxy.request("in")).upstream).not.toHaveHeader("x-seen");
  });
});
