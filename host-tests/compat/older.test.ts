/** What filters of versions up to 0.1.7 rely on, and filters that go past the API to the host. */
import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts } from "../matrix.ts";
import { buildWithCompat } from "./build.ts";

let older = "";
let own = "";
beforeAll(async () => {
  older = await buildWithCompat("older");
  own = await buildWithCompat("own");
}, 300_000);

describeHosts("filters of older versions, on compat", {}, host => {
  it("go on after a callback that gets the context's number; what nobody has set is null", async () => {
    const echo = await host.upstream();
    const answers = await host.upstream({ respond: () => ({ status: 200, body: "given" }) });
    const clusters = [
      { name: "echo", url: echo.url },
      { name: "answers", url: answers.url },
    ];
    const proxy = await host.start({ clusters, listeners: [{ name: "in", filters: [{ name: "older", wasm: older, config: "x" }] }] });
    const ask = (kind: string) => proxy.request("in", { headers: [["x-kind", kind]] });
    const here = await ask("here");
    expect(here).toHaveHeader("x-note", "noted");
    const imported = await ask("imported");
    expect(imported).toHaveHeader("x-note", "none");
    expect(await ask("static")).toHaveHeader("x-calls", "3");
    expect(echo.requests.map(({ headers }) => headers.find(([name]) => name === "x-answer")?.[1])).toEqual(["here", "imported", "static"]);
    await proxy.waitForLog(/answer of 5/);
  });

  it("take what the host hands over themselves, and keep it; names are theirs", async () => {
    const echo = await host.upstream();
    const filters = [{ name: "own", wasm: own, config: "x" }];
    const proxy = await host.start({ clusters: [{ name: "echo", url: echo.url }], listeners: [{ name: "in", filters }] });
    const answer = await proxy.request("in", { method: "POST", path: "/here", body: "a body" });
    expect(answer).toHaveHeader("x-kept", "/here");
    const [request] = echo.requests;
    expect(request).toHaveHeader("x-path", "/here 5");
    expect(request).toHaveHeader("x-nothing", "null");
    expect(request).toHaveHeader("x-waiting", "own_count 1 gauge");
    await proxy.waitForLog(/body a body, a body$/);
  });
});
