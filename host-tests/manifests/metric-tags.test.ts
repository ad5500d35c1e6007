import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { describeEnvoy } from "../envoy/vitest.ts";

interface Override {
  readonly tagOverrides: Readonly<Record<string, { readonly value: string }>>;
}

const overrides: readonly Override[] = parse(readFileSync("istio/base/telemetry.yaml", "utf8")).spec.metrics[0].overrides;
const [tag = "", value = ""] = Object.entries(overrides[0]?.tagOverrides ?? {}).map(([name, { value }]) => [name, value])[0] ?? [];

/** Istio's filter of metrics is not in the stock Envoy, and its engine of expressions is: the same one evaluates what a log formats. */
describeEnvoy("the metric's label in istio/base", {}, envoy => {
  it("is the tenant of the request, and unknown without one", async () => {
    expect(tag).toBe("tenant_id");
    const proxy = await envoy.start({ config: { listeners: [{ name: "in", accessLog: { json: { tag: `%CEL(${value})%` } } }] } });
    await proxy.request({ headers: [["x-tenant-id", "acme"]] });
    await proxy.request({});
    expect((await proxy.waitForAccessLog(2, "in")).map(entry => entry.tag)).toEqual(["acme", "unknown"]);
  });

  it("would not start with an operator | for a default", async () => {
    const wrong = "request.headers['x-tenant-id'] | 'unknown'";
    const listeners = [{ name: "in", accessLog: { json: { tag: `%CEL(${wrong})%` } } }];
    await expect(envoy.start({ config: { listeners } })).rejects.toThrow(/CEL|expr|parse/i);
  });
});
