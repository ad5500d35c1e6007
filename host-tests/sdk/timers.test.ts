import { expect, it } from "vitest";
import { createHost } from "../host/index.ts";
import { fixture } from "./fixture.ts";

const TOKEN = "test";
const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

it("a timer runs at its tick, also when the host's timers are ahead of the clock by less than a millisecond", () => {
  const host = createHost();
  const config = { variants: [{ name: "v1" }], fault: { tokens_sha256: [SHA256] } };
  host.plugin({ wasm: "build/traffic-split.wasm", name: "traffic-split", config });
  const { clock } = host;
  const real = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(clock), "now")?.get as () => bigint;
  const exchange = host.open();
  exchange.sendHeaders(
    {
      headers: [
        ["x-test-token", TOKEN],
        ["x-test-fault", "delay=2s"],
      ],
    },
    true,
  );
  // Envoy's event loop reckons from when it last looked at the clock, so a tick may come that much too early.
  Object.defineProperty(clock, "now", { get: () => real.call(clock) - 400_000n });
  host.advance(1_999);
  expect(exchange.done).toBe(false);
  host.advance(1);
  expect(exchange.done).toBe(true);
});

it.each([
  ["every 50000, after 60000", ["every 50000 at 50000", "after 60000 at 60000", "every 50000 at 100000", "every 50000 at 150000"]],
  ["after 90000, every 60000", ["every 60000 at 60000", "after 90000 at 90000", "every 60000 at 120000"]],
  ["after 70000, after 100000", ["after 70000 at 70000", "after 100000 at 100000"]],
  [
    "every 40000, every 70000",
    ["40000", "70000", "80000", "120000", "140000"].map(at => `every ${Number(at) % 40_000 ? 7 : 4}0000 at ${at}`),
  ],
])("several timers each run when their time has come: %s", async (config, told) => {
  const host = createHost();
  host.plugin({ wasm: await fixture("timers"), name: "timers", config });
  host.advance(150_000);
  expect(host.log.entries.map(({ text }) => text).filter(text => / at \d+$/.test(text))).toEqual(told);
});
