import { expect, it } from "vitest";
import type { EchoedRequest } from "../envoy/index.ts";
import { describeHosts } from "../matrix.ts";

const VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const wasm = "build/mesh-telemetry.wasm";

describeHosts("mesh-telemetry", {}, host => {
  it("does the work of both filters on one request", async () => {
    const echo = await host.upstream();
    const config = {
      span_attributes: { attributes: [{ name: "user.id", header: "x-user-id" }], to: ["filter_state", "baggage"] },
      trace_context: { parent_id: "renew", expose: ["trace_id"] },
    };
    const json = { user: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%", trace: "%FILTER_STATE(wasm.trace_context.trace_id:PLAIN)%" };
    const proxy = await host.start({
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters: [{ name: "mesh-telemetry", wasm, config }], accessLog: { json } }],
    });
    const response = await proxy.request("in", {
      headers: [
        ["x-user-id", "u42"],
        ["traceparent", VALID],
        ["baggage", "bad member, user.id=forged"],
        ["baggage", "kept=1"],
      ],
    });
    const upstream = response.json<EchoedRequest>().headers;
    expect(upstream.filter(([name]) => name === "baggage")).toEqual([["baggage", "kept=1,user.id=u42"]]);
    expect(upstream.find(([name]) => name === "traceparent")?.[1]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad)[0-9a-f]{16}-01$/);
    expect(await proxy.waitForAccessLog(1, "in")).toEqual([{ user: "u42", trace: "0af7651916cd43dd8448eb211c80319c" }]);
  });

  it("names the path of what is wrong in either part", async () => {
    const start = (config: object) => host.start({ listeners: [{ name: "in", filters: [{ name: "mesh-telemetry", wasm, config }] }] });
    await expect(start({ span_attributes: { max_length: "1" } })).rejects.toThrow(
      /mesh-telemetry: span_attributes\.max_length: expected an integer from 1 to 4096, found string "1"/,
    );
    await expect(start({ trace_context: { trust: "some" } })).rejects.toThrow(
      /mesh-telemetry: trace_context\.trust: expected one of "all", "none"/,
    );
    await expect(start({ attributes: [] })).rejects.toThrow(
      /mesh-telemetry: attributes: unknown key; expected one of span_attributes, trace_context/,
    );
  });
});
