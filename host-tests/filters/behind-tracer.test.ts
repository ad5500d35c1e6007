import { beforeAll, describe, expect, it } from "vitest";
import {
  type EchoedRequest,
  type EnvoySpec,
  earlyHeaderMutation,
  ORIGINAL_TRACEPARENT,
  type RunningEnvoy,
  type Span,
} from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { violations } from "../w3c/check.ts";
import { type Field, VALID } from "../w3c/rule.ts";
import { rules } from "../w3c/rules.ts";

const FILTER = { name: "trace-context", wasm: "build/trace-context.wasm", config: { behind_tracer: true } };

/** Envoy's tracer on, the early header mutation before it, the filter behind it in the cluster. */
function spec(upstream: string, otlp: string, route: Record<string, unknown> = {}): EnvoySpec {
  return {
    tracing: { otlp },
    clusters: [{ name: "echo", url: upstream, filters: [FILTER] }],
    listeners: [
      { name: "ingress", hcm: { early_header_mutation_extensions: earlyHeaderMutation() }, routes: [{ cluster: "echo", route }] },
    ],
  };
}

const idsOf = (headers: Field[]) => (headers.find(([name]) => name === "traceparent")?.[1] ?? "").split("-");

describeEnvoy("trace-context behind Envoy's tracer", {}, envoy => {
  describe("corrects what the tracer writes", () => {
    let proxy: RunningEnvoy;
    beforeAll(async () => {
      const [echo, otlp] = [await envoy.echo(), await envoy.receiver()];
      proxy = await envoy.start({ config: spec(echo.url, otlp.url) });
    });

    it.each(rules.map(rule => [rule.name, rule] as const))("%s", async (_, rule) => {
      const response = await proxy.request("ingress", { headers: rule.in });
      expect(response.status).toBe(200);
      const sent = response.json<EchoedRequest>().headers;
      expect(violations(rule, sent), rule.spec).toEqual([]);
      expect(sent.map(([name]) => name)).not.toContain(ORIGINAL_TRACEPARENT);
    });
  });

  it("keeps the tree whole: what the upstream hangs under is exported, on every attempt of a retried request", async () => {
    let attempts: EchoedRequest[] = [];
    const echo = await envoy.echo({
      respond: request => {
        attempts.push(request);
        return attempts.length < 3 ? { status: 503 } : {};
      },
    });
    const otlp = await envoy.receiver();
    const proxy = await envoy.start({
      config: spec(echo.url, otlp.url, { route: { cluster: "echo", retry_policy: { retry_on: "5xx", num_retries: 3 } } }),
    });
    const exported: Span[] = [];
    for (const [index, traceparent] of [VALID, "", "00-broken"].entries()) {
      attempts = [];
      const response = await proxy.request("ingress", { headers: traceparent === "" ? [] : [["traceparent", traceparent]] });
      expect(response.status).toBe(200);
      expect(attempts.length).toBe(3);
      exported.push(...(await otlp.waitForSpans(index + 1)).slice(index));
      for (const { headers } of attempts) {
        const [version, trace, parent, flags] = idsOf(headers as Field[]);
        const span = exported.find(({ spanId }) => spanId === parent);
        expect({ version, trace, flags }).toEqual({ version: "00", trace: span?.traceId, flags: index === 0 ? VALID.slice(53) : "03" });
        expect(headers.map(([name]) => name)).not.toContain(ORIGINAL_TRACEPARENT);
      }
    }
    expect(exported.map(({ parentSpanId }) => parentSpanId)).toEqual([VALID.slice(36, 52), "", ""]);
    expect(exported[0]?.traceId).toBe(VALID.slice(3, 35));
  });

  it("refuses to be told what the tracer decides", async () => {
    const start = (config: object) =>
      envoy.start({ config: { listeners: [{ name: "ingress", filters: [{ ...FILTER, config: { behind_tracer: true, ...config } }] }] } });
    await expect(start({ parent_id: "renew" })).rejects.toThrow(
      /trace-context: behind_tracer: the tracer decides about trace and span, so nothing else can be set beside it/,
    );
  });
});
