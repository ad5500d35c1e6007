import { DEFAULT_ENVOY_VERSION } from "meshwright/testing";
import { describeEnvoy } from "meshwright/vitest";
import { expect, it } from "vitest";
import { expectSeries, series, startExample, traced } from "../start.ts";

const USERS = 200;

describeEnvoy("canary", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  it("sends a tenth of the users to v2, each always to the same", async () => {
    const { proxy } = await startExample(envoy, "canary");
    const variantOf = async (user: number) => (await proxy.request({ headers: [["x-user-id", `u${user}`]] })).body;
    const users = Array.from({ length: USERS }, (_, user) => user);
    const first = await Promise.all(users.map(variantOf));
    const chosen = first.filter(body => body === "served by v2\n").length;
    // By the users' names alone, so it is the same number on every run.
    expect(chosen).toBeGreaterThan(USERS * 0.05);
    expect(chosen).toBeLessThan(USERS * 0.15);
    expect(await Promise.all(users.map(variantOf))).toEqual(first);
    await expectSeries(proxy, "payment_requests", { variant: "v2", canary: "true", code: "2xx", count: 2 * chosen });
    await expectSeries(proxy, "payment_requests", { variant: "v1", canary: "false", code: "2xx", count: 2 * (USERS - chosen) });
    expect((await series(proxy, "payment_requests")).length).toBe(2);
  });

  it("sends who asks to be a beta user to v2, and shows it on span, metric and access log", async () => {
    const example = await startExample(envoy, "canary");
    const { body } = await example.proxy.request({ headers: [["user-type", "beta"]] });
    expect(body).toBe("served by v2\n");
    const tags = { experiment: "payment", variant: "v2", canary: "true" };
    const { span, line } = await traced(example, tags);
    expect(span.service).toBe("payment");
    expect(line).toMatchObject({ ...tags, status: 200, trace_id: span.traceId });
    await expectSeries(example.proxy, "payment_requests", { variant: "v2", canary: "true", code: "2xx", count: 1 });
  });
});
