import { buildFilter, describeHosts, type HostUpstream, type RunningHost } from "meshwright/vitest";
import { beforeAll, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
const config = { required: { user: "string", amount: "number" } };

describeHosts("json-body-validate", {}, host => {
  let upstream: HostUpstream;
  let proxy: RunningHost;
  beforeAll(async () => {
    upstream = await host.upstream();
    proxy = await host.start({
      clusters: [{ name: "upstream", url: upstream.url }],
      listeners: [{ name: "in", filters: [{ name: "json-body-validate", wasm, config }] }],
    });
  });
  const post = (body: string, type = "application/json") =>
    proxy.request("in", { method: "POST", headers: [["content-type", type]], body });

  it("passes a body on that has what is required", async () => {
    const response = await post('{"user": "u42", "amount": 5, "note": "extra"}');
    expect(response.status).toBe(200);
    expect(response.upstream?.body).toBe('{"user": "u42", "amount": 5, "note": "extra"}');
  });

  it.each([
    ['{"user": "u42"}', "amount: expected number, found nothing\n"],
    ['{"user": 42, "amount": 5}', "user: expected string, found number 42\n"],
    ["[]", "expected an object, found array\n"],
    ['{"user": ', "no JSON: line 1, column 10: expected a value, found the end\n"],
    ["", "no body\n"],
  ])("answers 400 with the reason, and the upstream gets no request: %j", async (body, problem) => {
    const before = upstream.requests.length;
    const response = await post(body);
    expect([response.status, response.body]).toEqual([400, problem]);
    expect(upstream.requests.length).toBe(before);
  });

  it("passes half a megabyte on, be it of escapes or of keys", async () => {
    expect((await post(`{"user": "${"\\n".repeat(250_000)}", "amount": 5}`)).status).toBe(200);
    const keys = Array.from({ length: 50_000 }, (_, at) => `"k${at}":0,`).join("");
    expect((await post(`{${keys}"user": "u42", "amount": 5}`)).status).toBe(200);
  });

  it("leaves other types alone", async () => {
    expect((await post("{", "text/plain")).status).toBe(200);
  });
});
