import { describe, expect, it } from "vitest";
import "../matchers.ts";
import { createHost } from "../host/index.ts";
import { fixture } from "../sdk/fixture.ts";

async function start(config: string) {
  const host = createHost({ clusters: { grpc: "manual" } });
  host.plugin({ wasm: await fixture("reconnecting"), name: "reconnecting", config });
  return host;
}

describe("gRPC streams of a plugin context", () => {
  it("that it cancels are forgotten", async () => {
    const host = await start("200");
    const pages = (): string => host.log.search(/pages/).at(-1)?.text ?? "";
    host.advance(3_000);
    const before = pages();
    host.advance(20_000);
    expect(pages()).toBe(before);
    expect(host).not.toHaveLogged("refused");
  });

  it("that are opened anew with one object are open, also when the one before ends only then", async () => {
    const host = await start("0");
    host.advance(1_000);
    const [first] = host.grpcCalls;
    host.advance(1_000);
    first?.close(0);
    expect(host).toHaveLogged("closed with 0, open true");
    host.grpcCalls[0]?.close(14, "gone");
    expect(host).toHaveLogged("closed with 14, open false");
  });
});
