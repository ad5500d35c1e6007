/** Texts that filters look for in texts: compat has a faster way, which finds what JavaScript's finds. */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await buildWithCompat("texts");
}, 300_000);

type Case = readonly [text: string, search: string, start: number];

function expected([text, search, start]: Case): string {
  const order = text < search ? -1 : text > search ? 1 : 0;
  const found = [text.indexOf(search, start), text.lastIndexOf(search, start), text.split(search).length, order];
  const holds = [text.includes(search), text.startsWith(search, start), text.endsWith(search), text === search];
  return `${found.join(" ")} ${holds.join(" ")} ${text.replaceAll(search, "-")}`;
}

/** Neighbours of each other, so that a part of a word that is equal borrows from the next; and some of more than a byte. */
const CHARACTERS = ["`", "a", "b", "é", "慡", "耀"];
const textOf = (minLength: number, maxLength: number) => fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength, maxLength });

describeHosts("texts, on compat", {}, host => {
  it("are found where they are, and compared as they are", async () => {
    const fixed: Case[] = [
      ["", "a", 0],
      ["a", "aa", 0],
      ["abab", "ab", -3],
      ["abab", "ab", 9],
      ["aaaaaaab", "aab", 0],
      ["a`a`a`a`a`ab", "`ab", 1],
      ["aaaaaaaaaaaaaaaaaaaaaaaab", "b", 5],
    ];
    const made = fc.sample(fc.tuple(textOf(0, 40), textOf(1, 10), fc.integer({ min: -2, max: 42 })), { numRuns: 2_000, seed: 7 });
    const within = fc
      .sample(fc.tuple(textOf(1, 60), fc.nat(50), fc.nat(12)), { numRuns: 2_000, seed: 8 })
      .map(([text, from, length]): Case => [text, text.slice(from % text.length).slice(0, length + 1), from % 7]);
    const cases = [...fixed, ...made, ...within];
    const proxy = await host.start({
      listeners: [{ name: "in", filters: [{ name: "texts", wasm, plugin: { allow_on_headers_stop_iteration: true } }] }],
    });
    const response = await proxy.request("in", { method: "POST", body: Buffer.from(cases.map(each => each.join("|")).join("\n")) });
    const answers = response.body.split("\n");
    expect(answers.length).toBe(cases.length);
    for (const [index, each] of cases.entries()) expect([each, answers[index]]).toEqual([each, expected(each)]);
  });
});
