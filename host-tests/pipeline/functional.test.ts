import { describe, expect, it } from "vitest";
import { meshwright } from "../doctor/cli.ts";
import { examine } from "../doctor/patient.ts";
import { startEcho } from "../envoy/index.ts";
import { collect, envoy, keep } from "./keep.ts";
import { IDENTITY, threeSignals } from "./pipeline-envoy.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

describe("one request", () => {
  it("is the span, the log record and the metric that it should be, joined by its ids", async () => {
    const collector = await collect();
    const proxy = await envoy(threeSignals(collector, keep(await startEcho()).url));
    const headers: [string, string][] = [...IDENTITY, ["traceparent", `00-${TRACE}-${PARENT}-01`]];
    expect((await proxy.request({ path: "/cart", headers })).status).toBe(200);

    await expect.poll(() => collector.spans()).toHaveLength(1);
    const [span] = await collector.spans();
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: "SERVER", service: "shop", failed: false });
    expect(span?.attributes).toMatchObject({ "user.id": "u42", "tenant.id": "acme", "http.status_code": "200" });

    await expect.poll(() => collector.logs()).toHaveLength(1);
    const [log] = await collector.logs();
    expect(log).toMatchObject({ traceId: TRACE, spanId: span?.spanId, body: "GET /cart 200", attributes: { "tenant.id": "acme" } });

    const requests = async () => (await collector.metrics()).filter(({ name }) => name.endsWith("tenant_requests")).at(-1);
    await expect.poll(requests).toMatchObject({ value: 1, attributes: { tenant: "acme", code: "2xx" } });
    expect(await examine(proxy)).toEqual([]);
  });

  it("is found by meshwright trace in what the Collector wrote", async () => {
    const collector = await collect();
    const proxy = await envoy(threeSignals(collector, keep(await startEcho()).url));
    const { status, out } = await meshwright([
      "trace",
      proxy.url("in"),
      "--spans",
      collector.file,
      "--header",
      "x-user-id: u42",
      "--wait",
      "60",
    ]);
    expect(out).toMatch(/^sent {7}traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\nanswered {3}200\n/);
    expect(out).toMatch(/^span {7}shop ".*" [\d.]+ ms {2}user\.id=u42$/m);
    expect(status).toBe(0);
  });
});
