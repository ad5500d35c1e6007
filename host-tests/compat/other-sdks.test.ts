/** The filters of host-tests/other-sdks, unchanged, on compat: the same scenarios as on the SDKs that they were written for. */
import { expect, it } from "vitest";
import { describeFilter, serve } from "../other-sdks/scenarios.ts";
import { buildWithCompat } from "./build.ts";

for (const [by, sdk] of [
  ["solo", "@solo-io/proxy-runtime"],
  ["gcore", "@gcoredev/proxy-wasm-sdk-as"],
] as const) {
  const filter = { sdk: `${sdk}, on compat`, by, build: () => buildWithCompat(by), line: (text: string) => text, notAsked: "not asked: 2" };
  describeFilter(filter, (host, wasm) => {
    it("ends an old configuration after the drain, and the new one serves on", async () => {
      const { proxy, spec } = await serve(host, wasm(), "one");
      expect(await proxy.request("in", {})).toHaveHeader("x-response", "one");
      expect(await proxy.update(spec("two"))).toMatchObject({ accepted: true });
      expect(await proxy.request("in", {})).toHaveHeader("x-response", "two");
      await proxy.drained();
      const after = await proxy.request("in", {});
      expect(after.status).toBe(200);
      expect(after).toHaveHeader("x-response", "two");
      expect(await proxy.logs(/\[(error|critical)\]\[wasm\]/)).toEqual([]);
    });
  });
}
