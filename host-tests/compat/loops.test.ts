/** Loops over a body that leave garbage in each round: the length squared in all, which is more than a VM may have. */
import { beforeAll, expect, it } from "vitest";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let wasm = "";
beforeAll(async () => {
  wasm = await buildWithCompat("loops");
}, BUILD_MS);

const TEXT = "a b ".repeat(12_500);
const reverse = (text: string): string => [...text].reverse().join("");

describeHosts("loops over a body of 50 kB, on compat", {}, host => {
  it.each([
    ["field", "a text in a field grows by a character", `A B0 50 50 ${TEXT}`],
    ["front", "words are taken off the front", TEXT.trimEnd().split(" ").reverse().join(" ")],
    ["closure", "a closure puts characters before others", reverse(TEXT)],
    ["recursion", "a function calls itself with parts", reverse(TEXT)],
  ])("%s: %s", async (way, _, expected) => {
    const echo = await host.upstream();
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "loops", wasm, config: "x" }] }],
    });
    for (let round = 0; round < 2; round++) {
      const response = await proxy.request("in", { method: "POST", headers: [["x-way", way]], body: TEXT });
      expect(response.status).toBe(200);
      expect(echo.requests[round]?.body.toString()).toBe(expected);
    }
  });
});
