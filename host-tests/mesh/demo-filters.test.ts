import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
// @ts-expect-error: the tasks are plain JavaScript, without declarations.
import { DEMO_FILTERS } from "../../scripts/task/build.mjs";

it("npm run demo builds the filters that examples/mesh runs: in a fresh clone there are no others", () => {
  const sources = readdirSync("examples/mesh").filter(name => name.endsWith(".ts"));
  const text = sources.map(name => readFileSync(`examples/mesh/${name}`, "utf8")).join("\n");
  const named = [...text.matchAll(/meshwright\/filters\/([\w-]+)/g)].map(([, name]) => name);
  expect([...DEMO_FILTERS].sort()).toEqual([...new Set(named)].sort());
});
