import { beforeAll, describe, expect, it } from "vitest";
import type { EchoedRequest } from "../envoy/index.ts";
import { describeHosts, type RunningHost } from "../matrix.ts";
import { violations } from "../w3c/check.ts";
import { type Field, VALID } from "../w3c/rule.ts";
import { rules } from "../w3c/rules.ts";

/** The filter alone, and the module that does the same in one pass with span-attributes. */
const MODULES: [name: string, config: unknown][] = [
  ["trace-context", { parent_id: "renew" }],
  ["mesh-telemetry", { trace_context: { parent_id: "renew" } }],
];

describeHosts("W3C Trace Context and Baggage", {}, host => {
  describe.each(MODULES)("%s renews by the rules", (name, config) => {
    let proxy: RunningHost;

    beforeAll(async () => {
      const echo = await host.upstream();
      proxy = await host.start({
        listeners: [{ name: "ingress", filters: [{ name, wasm: `build/${name}.wasm`, config }] }],
        clusters: [{ name: "echo", url: echo.url }],
      });
    });

    async function sentOn(headers: Field[]): Promise<Field[]> {
      const response = await proxy.request("ingress", { headers });
      expect(response.status).toBe(200);
      return response.json<EchoedRequest>().headers;
    }

    it.each(rules.map(rule => [rule.name, rule] as const))("%s", async (_, rule) => {
      expect(violations(rule, await sentOn(rule.in)), rule.spec).toEqual([]);
    });

    it("gives each request of one parent a parent id of its own", async () => {
      const parents = new Set<string>();
      for (let i = 0; i < 50; i++) parents.add(traceparent(await sentOn([["traceparent", VALID]])).slice(36, 52));
      expect(parents.size).toBe(50);
    });

    it("gives each new trace an id of its own whose seven right-most bytes are random", async () => {
      const tails: string[] = [];
      for (let i = 0; i < 50; i++) tails.push(traceparent(await sentOn([])).slice(21, 35));
      expect(new Set(tails).size).toBe(50);
      // The random flag promises that every one of these bytes varies, so no column may be constant.
      for (let at = 0; at < 14; at += 2) expect(new Set(tails.map(tail => tail.slice(at, at + 2))).size).toBeGreaterThan(25);
    });
  });
});

function traceparent(headers: Field[]): string {
  return headers.find(([name]) => name.toLowerCase() === "traceparent")?.[1] ?? "";
}
