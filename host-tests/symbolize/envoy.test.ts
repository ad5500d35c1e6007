/** The log of the real Envoy leads to lines, however it is written; and what a trap does to the requests after it. */
import { beforeAll, expect, it } from "vitest";
import { type Backtrace, isUsers, LogSymbolizer, openMap, type SourceFrame } from "../../scripts/symbolize/index.ts";
import type { EnvoySpec, RunningEnvoy, WasmFilterSpec } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { buildTraps, KINDS, lineOf } from "./traps.ts";

let wasm = "";
beforeAll(async () => {
  wasm = (await buildTraps()).wasmFile;
});

/** As Istio's proxies are told to write their log, with and without `logAsJson`. */
const ISTIO_TEXT = { text_format: "%Y-%m-%dT%T.%fZ\t%l\tenvoy %n %g:%#\t%v\tthread=%t" };
const ISTIO_JSON = {
  json_format: { time: "%Y-%m-%dT%T.%fZ", level: "%l", scope: "envoy %n", msg: "%j", caller: "%g:%#", thread: "%t" },
};
const ESCAPED = { text_format: "[%Y-%m-%d %T.%e][%t][%l][%n] %_" };

interface Start {
  readonly policy?: NonNullable<WasmFilterSpec["failurePolicy"]>;
  readonly plugin?: Record<string, unknown>;
  readonly format?: object;
}

function start(envoy: EnvoySuite, { policy = "FAIL_RELOAD", plugin = {}, format }: Start): Promise<RunningEnvoy> {
  const config: EnvoySpec = {
    listeners: [{ name: "in", filters: [{ name: "traps", wasm, failurePolicy: policy, plugin }] }],
    ...(format ? { bootstrap: { application_log_config: { log_format: format } } } : {}),
  };
  return envoy.start({ config });
}

const QUICK = { reload_config: { backoff: { base_interval: "0.01s", max_interval: "0.05s" } } };

/** Sends requests until one is answered as wanted; the VM is loaded anew with a request, and not before some time has passed. */
async function until(proxy: RunningEnvoy, status: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await proxy.request({});
    if (answer.status === status) return;
    if (Date.now() > deadline) throw new Error(`still ${answer.status} and not ${status} after 20 s; the log:\n${proxy.log.tail(15)}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Makes one trap and waits until the log has all of it: the last frame is the callback. */
async function trap(proxy: RunningEnvoy, kind: string): Promise<Backtrace> {
  const from = proxy.log.lines.length;
  expect((await proxy.request({ headers: [["x-trap", kind]] })).status).toBe(503);
  await proxy.waitForLog(/0x[0-9a-f]+ - assembly\/sdk\/callbacks\/http\/proxy_on_request_headers/, { from });
  const log = new LogSymbolizer([openMap(wasm)]);
  for (const line of proxy.log.lines.slice(from)) log.line(line);
  expect(log.foreign).toEqual([]);
  expect(log.backtraces).toHaveLength(1);
  return log.backtraces[0] as Backtrace;
}

const framesOf = ({ frames }: Backtrace): SourceFrame[] => frames.flatMap(each => each.frames);
const place = ({ file, line }: SourceFrame): string => `${file}:${line}`;

describeEnvoy("a trap in the log", {}, envoy => {
  it("leads to its line, whatever kind of trap it is", async () => {
    const proxy = await start(envoy, { plugin: QUICK });
    for (const { kind, lines } of KINDS) {
      const backtrace = await trap(proxy, kind);
      expect(framesOf(backtrace).filter(isUsers).map(place), kind).toEqual(lines.map(lineOf));
      expect(backtrace.trap, kind).toMatch(/^Function: proxy_on_request_headers failed: Uncaught RuntimeError: /);
      await until(proxy, 200);
    }
  });

  it.each([
    ["Istio's text", ISTIO_TEXT],
    ["Istio's JSON", ISTIO_JSON],
    ["escaped newlines", ESCAPED],
  ])("is understood in the format of %s", async (_, format) => {
    const proxy = await start(envoy, { policy: "FAIL_CLOSED", format });
    const backtrace = await trap(proxy, "missing");
    expect(backtrace.trap).toBe("Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable");
    expect(framesOf(backtrace).filter(isUsers).map(place)).toEqual(["missing", "missing-caller", "caller"].map(lineOf));
  });
});

describeEnvoy("after a trap", {}, envoy => {
  it("FAIL_RELOAD loads the module anew: the next requests succeed", async () => {
    const proxy = await start(envoy, { policy: "FAIL_RELOAD", plugin: QUICK });
    await trap(proxy, "divide");
    await until(proxy, 200);
    // And again: it was no single chance.
    await trap(proxy, "bounds");
    await until(proxy, 200);
    expect(await proxy.stat("wasm.traps.vm_reload_success")).toBe(2);
  });

  it("FAIL_CLOSED answers all further requests 503", async () => {
    const proxy = await start(envoy, { policy: "FAIL_CLOSED" });
    expect((await proxy.request({})).status).toBe(200);
    await trap(proxy, "divide");
    for (let i = 0; i < 3; i++) expect((await proxy.request({})).status).toBe(503);
  });

  it("FAIL_OPEN lets all further requests through, without the filter", async () => {
    const proxy = await start(envoy, { policy: "FAIL_OPEN" });
    await trap(proxy, "divide");
    // The filter is not there any more: what made it trap does so no longer.
    for (let i = 0; i < 3; i++) expect((await proxy.request({ headers: [["x-trap", "divide"]] })).status).toBe(200);
  });
});
