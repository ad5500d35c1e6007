import { buildFilter, describeHosts } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));

describeHosts("shared-counter", {}, host => {
  it("numbers requests from 1, through all listeners", async () => {
    const upstream = await host.upstream();
    const listener = (name: string) => ({ name, filters: [{ name: "shared-counter", wasm }] });
    const proxy = await host.start({ clusters: [{ name: "upstream", url: upstream.url }], listeners: [listener("one"), listener("two")] });
    const numbers: (string | undefined)[] = [];
    for (const name of ["one", "two", "one"]) {
      const response = await proxy.request(name);
      numbers.push(response.upstream?.headers.find(([key]) => key === "x-request-number")?.[1]);
    }
    expect(numbers).toEqual(["1", "2", "3"]);
  });
});
