/** A loop over a body that leaves a text in each round: the length squared in all, which is more than a VM may have. */
import { beforeAll, expect, it } from "vitest";
import { describeHosts } from "../matrix.ts";
import { fixture } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("loops");
});

const LENGTH = 50_000;

describeHosts("a loop that makes objects", {}, host => {
  it("collects what it has left, and nothing that is still held", async () => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "loops", wasm }] }],
    });
    const body = "abcdefghi ".repeat(LENGTH / 10);
    const starts = Array.from({ length: LENGTH / 10_000 }, (_, index) => index * 10_000);
    const expected = ["abcde!", `${starts.join(" ")} `, "\n\u0003abc", ...starts.map(start => `${start}=abc`), body].join("|");
    for (let round = 0; round < 2; round++) {
      expect((await proxy.request("in", { method: "POST", body })).status).toBe(200);
      expect(echo.requests[round]?.body.toString()).toBe(expected);
    }
  });
});
