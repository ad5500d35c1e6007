import { DEFAULT_ENVOY_VERSION } from "meshwright/testing";
import { describeEnvoy } from "meshwright/vitest";
import { expect, it } from "vitest";
import { expectSeries, startExample, traced } from "../start.ts";

const USERS = 60;

describeEnvoy("ab-test", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  it("shows half of the users the new interface, each always the same one, on every path", async () => {
    const { proxy } = await startExample(envoy, "ab-test");
    const interfaceOf = async (user: number, path: string) => (await proxy.request({ path, headers: [["x-user-id", `u${user}`]] })).body;
    const users = Array.from({ length: USERS }, (_, user) => user);
    const first = await Promise.all(users.map(user => interfaceOf(user, "/")));
    const isNew = first.filter(body => body === "served by v2-new-ui\n").length;
    expect(isNew).toBeGreaterThan(USERS / 4);
    expect(isNew).toBeLessThan((USERS * 3) / 4);
    expect(await Promise.all(users.map(user => interfaceOf(user, "/checkout")))).toEqual(first);
    const counted = (conversion: string) => ({ ui_version: "v2-new-ui", conversion, code: "2xx", count: isNew });
    await expectSeries(proxy, "frontend_requests", counted("true"));
    await expectSeries(proxy, "frontend_requests", counted("false"));
  });

  it("keeps who has not signed in with an interface by a cookie", async () => {
    const { proxy } = await startExample(envoy, "ab-test");
    const first = await proxy.request({});
    const cookie = String(first.header("set-cookie")).split(";")[0] ?? "";
    expect(first.body).toBe(`served by ${cookie.replace("ui=", "")}\n`);
    for (let request = 0; request < 5; request++) {
      expect((await proxy.request({ headers: [["cookie", cookie]] })).body).toBe(first.body);
    }
  });

  it("shows interface and conversion on span, metric and access log", async () => {
    const example = await startExample(envoy, "ab-test");
    const { body } = await example.proxy.request({ path: "/checkout", headers: [["x-user-id", "u42"]] });
    const version = String(body).replace("served by ", "").trim();
    const tags = { experiment: "new-ui", "ui.version": version, conversion: "true" };
    const { line } = await traced(example, tags);
    expect(line).toMatchObject({ ...tags, path: "/checkout" });
    await expectSeries(example.proxy, "frontend_requests", { ui_version: version, conversion: "true", code: "2xx", count: 1 });
  });
});
