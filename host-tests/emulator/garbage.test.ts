/** Garbage is collected in time: a module's memory has its size after the first streams, however much or little they allocate. */
import { beforeAll, describe, expect, it } from "vitest";
import { createHost, type Exchange } from "../host/index.ts";
import { fixture } from "../sdk/fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("garbage");
});

/** The plugin context keeps so many bytes. */
function start(kept = 0) {
  const host = createHost({ strict: { memory: true, traps: true } });
  host.plugin({ wasm, name: "garbage", config: String(kept) });
  return host;
}

const pages = (exchange: Exchange): number => Number(exchange.response.headers.find(([name]) => name === "x-pages")?.[1]);

describe("garbage", () => {
  it.each([20, 500, 5_000, 300_000])("of %i bytes in a callback has the memory grow no more after the first streams", waste => {
    const host = start();
    for (let i = 0; i < 2_000; i++) expect(host.request({ headers: [["x-waste", String(waste)]] }).status).toBe(200);
    host.close();
  });

  it("of many small callbacks stays within the memory that a module begins with", () => {
    const host = start();
    const first = pages(host.request({}));
    for (let i = 0; i < 5_000; i++) expect(pages(host.request({ headers: [["x-waste", "1000"]] }))).toBe(first);
  });

  it("may be as much as what lives, for which there is room from the beginning", () => {
    const host = start(900_000);
    for (let i = 0; i < 6_000; i++) host.request({ headers: [["x-waste", "400"]] });
    host.close();
  });

  it("of streams that have ended makes room for as many again", () => {
    const host = start();
    const grown = [0, 1, 2].map(() => {
      const open = Array.from({ length: 500 }, () => {
        const exchange = host.open({ upstream: "manual" });
        return exchange.sendHeaders({ headers: [["x-keep", "2000"]] }, true);
      });
      for (const exchange of open) exchange.respond({ status: 200 });
      return pages(host.request({}));
    });
    expect(grown[0]).toBeGreaterThan(16);
    expect(grown[2]).toBe(grown[1]);
  });
});
