import { expect, it } from "vitest";
import { compareVersions } from "../../scripts/envoy/index.ts";
import type { EchoedRequest } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { startReadySet } from "./ready-set.ts";

const HEADERS: [string, string][] = [
  ["x-user-id", "u42"],
  ["x-tenant-id", "acme"],
];
const ATTRIBUTES = { "user.id": "u42", "tenant.id": "acme", "app.version": "unknown", "deployment.environment": "production" };

describeEnvoy("envoy/", {}, envoy => {
  // That older ones refuse it is a test in envoy-accepts.test.ts.
  if (compareVersions(envoy.version, "1.37.0") >= 0)
    it("edge.yaml puts identity on the span and in the log, with the ids of the span that was exported", async () => {
      const { proxy, otlp } = await startReadySet(envoy, "edge");
      const { status } = await proxy.request({ headers: HEADERS });
      expect(status).toBe(200);
      const [span] = await otlp.waitForSpans(1);
      expect(span?.attributes).toMatchObject(ATTRIBUTES);
      const entry = JSON.parse(await proxy.waitForLog(/"trace_id"/));
      expect(entry).toMatchObject({ ...ATTRIBUTES, trace_id: span?.traceId });
      expect(entry.traceparent).toMatch(new RegExp(`^00-${span?.traceId}-${span?.spanId}-0[0-9a-f]$`));
    });

  it("old-proxies.yaml puts identity on the span by request headers", async () => {
    const { proxy, otlp } = await startReadySet(envoy, "old-proxies");
    await proxy.request({ headers: [...HEADERS, ["x-span-user-id", "forged"]] });
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes).toMatchObject(ATTRIBUTES);
    expect(JSON.parse(await proxy.waitForLog(/"trace_id"/))).toMatchObject({ ...ATTRIBUTES, trace_id: span?.traceId });
  });

  it("tenant-metrics.yaml shows its labels in Prometheus", async () => {
    const { proxy } = await startReadySet(envoy, "tenant-metrics");
    await proxy.request({ headers: HEADERS });
    const line = 'tenant_requests{tenant="acme",ui_version="none",conversion="none",code="2xx"} 1';
    await expect.poll(() => proxy.admin("/stats/prometheus"), { timeout: 20_000 }).toContain(line);
  });

  it("request-auth.yaml lets pass whom the service authz knows, with the identity that it says", async () => {
    const authz = await envoy.echo({
      respond: ({ headers }) =>
        headers.some(([, value]) => value === "Bearer good") ? { headers: [["x-user-id", "u7"]] } : { status: 401 },
    });
    const { proxy } = await startReadySet(envoy, "request-auth", { authz });
    const known = await proxy.request({ headers: [...HEADERS, ["authorization", "Bearer good"]] });
    expect(known.status).toBe(200);
    expect(known.json<EchoedRequest>().headers).toContainEqual(["x-user-id", "u7"]);
    expect((await proxy.request({ headers: [["authorization", "Bearer other"]] })).status).toBe(401);
    expect((await proxy.request({ headers: HEADERS })).status).toBe(401);
  });

  it("without-tracer.yaml keeps the trace, and shows the ids that go upstream", async () => {
    const { proxy } = await startReadySet(envoy, "without-tracer");
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const { body } = await proxy.request({ headers: [...HEADERS, ["traceparent", `00-${traceId}-00f067aa0ba902b7-01`]] });
    const entry = JSON.parse(await proxy.waitForLog(/"trace_id"/));
    expect(entry).toMatchObject({ ...ATTRIBUTES, trace_id: traceId, sampled: "true" });
    expect(entry.span_id).not.toBe("00f067aa0ba902b7");
    expect(String(body)).toContain(`00-${traceId}-${entry.span_id}-01`);
  });
});
