import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../oci/fixtures.ts";
import { validate } from "./checker.ts";

// No judge of Linkerd's: its module is not in Go's proxy under a version. Kubernetes' types read all but the Helm values.
it.each([
  ["collector", 11],
  ["gateway", 4],
])("Kubernetes' types take what kustomize makes of linkerd/%s", async (set, count) => {
  const [verdict] = await validate([join(ROOT, "linkerd", set)]);
  expect(verdict?.objects).toHaveLength(count);
  expect(verdict?.problems.filter(({ judge }) => judge !== "analyzer")).toEqual([]);
});
