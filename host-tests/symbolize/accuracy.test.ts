import { beforeAll, describe, expect, it } from "vitest";
import { isUsers, type SourceFrame } from "../../scripts/symbolize/index.ts";
import { createHost, type Host, type HostRefusal, type Trap } from "../host/index.ts";
import { buildTraps, KINDS, lineOf } from "./traps.ts";

function trapped(wasm: string, header: "request" | "response", kind: string): { host: Host; trap: Trap } {
  const host = createHost();
  host.plugin({ wasm, name: "traps" });
  const upstream = () => ({ status: 200, headers: [["x-trap", kind]] as [string, string][] });
  host.request(header === "request" ? { headers: [["x-trap", kind]] } : { upstream });
  const [trap] = host.traps;
  if (!trap) throw new Error(`the filter did not trap; its log:\n${host.log.lines.join("\n")}`);
  return { host, trap };
}

const place = ({ file, line }: SourceFrame): string => `${file}:${line}`;

describe.each(["release", "debug"] as const)("a trap in a %s build", mode => {
  let wasm = "";
  beforeAll(async () => {
    wasm = (await buildTraps(mode)).wasmFile;
  });

  it.each(KINDS)("leads to its line and to all lines that called: $kind", ({ kind, lines }) => {
    const { trap } = trapped(wasm, "request", kind);
    const own = trap.frames.filter(isUsers);
    expect(own.map(place)).toEqual(lines.map(lineOf));
    // The outermost function is the one that Envoy calls.
    expect(trap.frames.at(-1)).toMatchObject({ function: "proxy_on_request_headers", file: "meshwright/assembly/sdk/callbacks/http.ts" });
  });

  it.each(KINDS.filter(({ abort }) => abort))("agrees with what the filter itself logged: $kind", ({ kind, abort }) => {
    const { host, trap } = trapped(wasm, "request", kind);
    const logged = host.log.entries.map(({ text }) => abort?.exec(text)?.[1]).find(Boolean);
    const [first, second] = trap.frames;
    expect(first).toMatchObject({ function: "abort", file: "meshwright/assembly/sdk/abort.ts" });
    expect(`${second?.file}:${second?.line}:${second?.column}`).toBe(logged);
  });

  it("of the stack leads to the function without end", () => {
    const { trap } = trapped(wasm, "request", "overflow");
    expect(trap.message).toBe("RangeError: Maximum call stack size exceeded");
    const [first, ...callers] = trap.frames;
    expect(first?.function).toBe("descend");
    expect(new Set(callers.map(place))).toEqual(new Set([lineOf("overflow")]));
  });

  it("in another callback leads to its line", () => {
    const { trap } = trapped(wasm, "response", "1");
    expect(trap.callback).toBe("proxy_on_response_headers");
    expect(trap.frames.filter(isUsers).map(place)).toEqual([lineOf("response")]);
  });

  it("is a problem in strict mode, whose error begins at the line", () => {
    const host = createHost({ strict: true });
    host.plugin({ wasm, name: "traps" });
    host.request({ headers: [["x-trap", "bounds"]] });
    let error: HostRefusal | undefined;
    try {
      host.close();
    } catch (reason) {
      error = reason as HostRefusal;
    }
    expect(error?.message).toContain("traps trapped in proxy_on_request_headers: abort: Index out of range (~lib/array.ts");
    expect(error?.message).toContain(`at element (${lineOf("bounds")}:`);
    expect(error?.stack).toMatch(/^ {4}at element \(\/.+host-tests\/symbolize\/assembly\/traps\.ts:\d+:\d+\)$/m);
  });
});

describe("inlining", () => {
  it("is in the release build, so that the tests above mean something", async () => {
    const { wasmFile } = await buildTraps("release");
    for (const kind of ["divide", "divide-again"]) {
      const quotient = trapped(wasmFile, "request", kind).trap.frames[0];
      expect(quotient).toMatchObject({ function: "quotient", inlined: true, certain: true });
    }
  });

  it("makes a choice between two callers of the same function, and says so", async () => {
    const { wasmFile } = await buildTraps("release");
    const [, caller] = trapped(wasmFile, "request", "divide-again").trap.frames;
    expect(caller).toMatchObject({ function: "trapBy", certain: false });
  });
});
