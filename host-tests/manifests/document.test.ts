import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { manifest } from "./command.ts";

/** Each command in the document, with the YAML that is said to be its output. */
const EXAMPLES = [
  ...readFileSync("docs/manifests.md", "utf8").matchAll(/^ {4}\$ meshwright manifest (.*)\n\n```yaml\n([\s\S]*?)^```/gm),
].map(([, line = "", yaml = ""]) => ({ args: wordsOf(line), yaml }));

describe("docs/manifests.md", () => {
  it("has an example of each target", () => {
    const targets = EXAMPLES.map(({ args }) => args[args.indexOf("--target") + 1]);
    expect([...new Set(targets)].sort()).toEqual(["envoy", "envoyfilter", "istio", "traffic-extension"]);
  });

  it.each(EXAMPLES)("shows what this prints: $args", async ({ args, yaml }) => {
    const { status, out } = await manifest(...args);
    expect(status).toBe(0);
    // A line with … stands for what is left out; the parts between have to come in their order.
    let rest = out;
    for (const part of yaml.split(/^…\n/m)) {
      expect(rest).toContain(part);
      rest = rest.slice(rest.indexOf(part) + part.length);
    }
  });
});

/** Words as a shell takes them, single quotes included. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
