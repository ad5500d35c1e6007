import { DEFAULT_ENVOY_VERSION } from "meshwright/testing";
import { describeEnvoy } from "meshwright/vitest";
import { expect, it } from "vitest";
import { type Example, expectSeries, series, startExample, traced } from "../start.ts";

const TOKEN: [string, string] = ["x-test-token", "break-it-gently"];

describeEnvoy("fault-injection", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  const send = ({ proxy }: Example, ...headers: [string, string][]) => proxy.request({ headers });

  it("breaks a request for who has the token, and shows the fault on span, metric and access log", async () => {
    const example = await startExample(envoy, "fault-injection");
    expect((await send(example, TOKEN, ["x-test-fault", "abort=503"])).status).toBe(503);
    const { span, line } = await traced(example, { "fault.injected": "abort=503" });
    expect(span.attributes["http.status_code"]).toBe("503");
    expect(line).toMatchObject({ "fault.injected": "abort=503", status: 503 });
    const labels = { fault: "abort=503", code: "5xx" };
    await expectSeries(example.proxy, "payment_errors", { ...labels, count: 1 });
    await expectSeries(example.proxy, "payment_requests", { ...labels, count: 1 });
  });

  it("delays a request and lets it pass then", async () => {
    const example = await startExample(envoy, "fault-injection");
    const { status, body } = await send(example, TOKEN, ["x-test-fault", "delay=150ms"]);
    expect([status, body]).toEqual([200, "served by payment\n"]);
    const { line } = await traced(example, { "fault.injected": "delay=150ms" });
    expect(line).toMatchObject({ "fault.injected": "delay=150ms", status: 200 });
  });

  it("does nothing to others, whatever they send", async () => {
    const example = await startExample(envoy, "fault-injection");
    const answers = [
      await send(example, ["x-test-fault", "abort=503"]),
      await send(example, ["x-test-fault", "abort=503"], ["x-test-token", "guessed"]),
      await send(example, TOKEN),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await expectSeries(example.proxy, "payment_requests", { fault: "none", code: "2xx", count: 3 });
    expect((await series(example.proxy, "payment_requests")).length).toBe(1);
  });
});
