import { buildFilter, describeHosts, type RunningHost } from "meshwright/vitest";
import { beforeAll, expect, it } from "vitest";

const wasm = await buildFilter(new URL("assembly/index.ts", import.meta.url));
const config = { find: "http://internal:8080", replace: "https://shop.example.com" };

describeHosts("body-rewrite", {}, host => {
  let proxy: RunningHost;
  beforeAll(async () => {
    const upstream = await host.upstream({
      respond: ({ path }) => {
        const body =
          path === "/broken" ? Buffer.from("http://internal:8080/\xff", "latin1") : "see http://internal:8080/a and http://internal:8080/b";
        const type = path === "/image" ? "image/svg+xml" : "text/plain; charset=utf-8";
        return {
          headers: [
            ["content-type", type],
            ["content-length", String(body.length)],
          ],
          body,
        };
      },
    });
    proxy = await host.start({
      clusters: [{ name: "upstream", url: upstream.url }],
      listeners: [{ name: "in", filters: [{ name: "body-rewrite", wasm, config }] }],
    });
  });

  it("replaces each occurrence in a text", async () => {
    const response = await proxy.request("in", { path: "/text" });
    expect(response.body).toBe("see https://shop.example.com/a and https://shop.example.com/b");
    expect(response.header("content-length")).toBeNull();
  });

  it("leaves other types alone", async () => {
    expect((await proxy.request("in", { path: "/image" })).body).toContain("http://internal:8080/a");
  });

  it("leaves a body alone that is no UTF-8", async () => {
    expect((await proxy.request("in", { path: "/broken" })).body).toContain("http://internal:8080/");
  });

  it("refuses a configuration without a text to find", async () => {
    const start = host.start({ listeners: [{ name: "in", filters: [{ name: "body-rewrite", wasm, config: {} }] }] });
    await expect(start).rejects.toThrow("body-rewrite: find: expected a non-empty string, found nothing");
  });
});
