import { DEFAULT_ENVOY_VERSION, type RunningEnvoy } from "meshwright/testing";
import { describeEnvoy } from "meshwright/vitest";
import { expect, it } from "vitest";
import { expectSeries, series, startExample, traced } from "../start.ts";

const CLIENTS = 4;

describeEnvoy("blue-green", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  it("shows who previews green what comes, on span, metric and access log, too", async () => {
    const example = await startExample(envoy, "blue-green", "blue.yaml");
    expect((await example.proxy.request({})).body).toBe("served by blue\n");
    expect((await example.proxy.request({ headers: [["x-preview", "green"]] })).body).toBe("served by green\n");
    const { line } = await traced(example, { variant: "green", experiment: "payment" });
    expect(line).toMatchObject({ variant: "green", experiment: "payment", status: 200 });
    await expectSeries(example.proxy, "payment_requests", { variant: "green", code: "2xx", count: 1 });
    await expectSeries(example.proxy, "payment_requests", { variant: "blue", code: "2xx", count: 1 });
  });

  it("sends everybody to green and back by the move of a file, and fails no request", async () => {
    const { proxy, file } = await startExample(envoy, "blue-green", "blue.yaml");
    const load = keepAsking(proxy);
    await expect.poll(() => load.bodies.length).toBeGreaterThan(50);
    expect(new Set(load.bodies)).toEqual(new Set(["served by blue\n"]));
    for (const to of ["green", "blue"]) {
      await proxy.writeFile("blue-green.yaml", file(`${to}.yaml`));
      await expect.poll(() => load.bodies.slice(-50).every(body => body === `served by ${to}\n`)).toBe(true);
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    const count = async () => (await series(proxy, "payment_requests")).reduce((sum, each) => sum + Number(each.count), 0);
    await expect.poll(count).toBe(load.bodies.length);
  });
});

/** Clients that ask again as soon as they are answered. */
function keepAsking(proxy: RunningEnvoy) {
  const bodies: string[] = [];
  const failures: unknown[] = [];
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver) {
      const { status, body } = await proxy.request({});
      bodies.push(String(body));
      if (status !== 200) failures.push({ status, body });
    }
  };
  const clients = Array.from({ length: CLIENTS }, () => ask().catch(error => failures.push(error)));
  const stop = async (): Promise<void> => {
    isOver = true;
    await Promise.all(clients);
  };
  return { bodies, failures, stop };
}
