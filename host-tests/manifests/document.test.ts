import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { manifest, withInput } from "./command.ts";
import { published } from "./crds.ts";

const DOCUMENT = readFileSync("docs/manifests.md", "utf8");

/** Each command in the document, with the YAML that is said to be its output. */
const EXAMPLES = [...DOCUMENT.matchAll(/^ {4}\$ meshwright manifest (.*)\n\n```yaml\n([\s\S]*?)^```/gm)].map(
  ([, line = "", yaml = ""]) => ({ args: wordsOf(line), yaml }),
);

describe("docs/manifests.md", () => {
  it("has an example of each target", () => {
    const targets = EXAMPLES.map(({ args }) => args[args.indexOf("--target") + 1]);
    expect([...new Set(targets)].sort()).toEqual(["envoy", "envoyfilter", "helm-values", "istio", "traffic-extension"]);
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

it.skipIf(!published)("docs/manifests.md shows what meshwright validate prints", async () => {
  const [, yaml = "", printed = ""] =
    /^```yaml\n# telemetry\.yaml\n([\s\S]*?)^```\n\n {4}\$ meshwright validate telemetry\.yaml\n((?: {4}.*\n)+)/m.exec(DOCUMENT) ?? [];
  const { out } = await withInput(`# telemetry.yaml\n${yaml}`, ["validate", "-"]);
  expect(printed.replace(/^ {4}/gm, "")).toBe(out.replaceAll("standard input", "telemetry.yaml"));
});

/** Words as a shell takes them, single quotes included. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
