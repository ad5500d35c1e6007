import { describe, expect, it, onTestFinished } from "vitest";
import { EnvoyStartError } from "../../scripts/envoy/index.ts";
import { type RequestReport, requestLines, type SessionOptions, startSession } from "../../scripts/run/index.ts";
import { request } from "./index.ts";

const module = { file: "build/mesh-telemetry.wasm", name: "mesh-telemetry" };

/** A session whose reports are awaited by their order. */
async function open(options: Partial<SessionOptions>) {
  const reports: RequestReport[] = [];
  const log: string[] = [];
  const waiting: (() => void)[] = [];
  const session = await startSession({
    module,
    envoyVersion: "1.40.0",
    spanPatienceMs: 60_000,
    ...options,
    onRequest: report => {
      reports.push(report);
      waiting.shift()?.();
    },
    onFilterLine: line => log.push(line.text),
  });
  onTestFinished(() => session.stop());
  const { hostname: host, port } = new URL(session.url);
  const send = async (path: string, headers: [string, string][]): Promise<RequestReport> => {
    const reported = new Promise<void>(resolve => waiting.push(resolve));
    await request({ host, port: Number(port) }, { path, headers });
    await reported;
    return reports.at(-1) as RequestReport;
  };
  return { session, send, log };
}

describe("meshwright run", () => {
  it("reports status, the span with the configured attributes, and what the filter changed for the upstream", async () => {
    const config = {
      span_attributes: { custom_attributes: { "app.version": "v1" }, attributes: [{ name: "user.id", header: "x-user-id" }] },
      trace_context: {},
    };
    const { session, send } = await open({ config });
    expect(session.tags).toEqual(["app.version", "user.id"]);
    const report = await send("/cart?x=1", [["x-user-id", "u42"]]);
    expect(report).toMatchObject({ method: "GET", path: "/cart?x=1", status: 200 });
    expect(report.spans).toHaveLength(1);
    expect(report.spans[0]?.attributes).toMatchObject({ "user.id": "u42", "app.version": "v1" });
    const [span] = report.spans;
    expect(report.upstream?.added).toContainEqual(["traceparent", `00-${span?.traceId}-${span?.spanId}-01`]);
    expect(report.upstream?.removed).toEqual([]);
    expect(requestLines(report).join("\n")).toContain("user.id = u42");
  });

  it("says that a request is not sampled instead of waiting for a span", async () => {
    const { send } = await open({});
    const report = await send("/", [["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"]]);
    expect(report.spans).toEqual([]);
    expect(requestLines(report).at(-1)).toContain("the request is not sampled");
  });

  it("answers 502 for an upstream that is not there, and still reports", async () => {
    const { send } = await open({ upstream: "http://127.0.0.1:9" });
    expect((await send("/", [])).status).toBe(502);
  });

  it("fails with the filter's own words for a configuration that it refuses", async () => {
    const start = open({ config: { span_attributes: 7 } });
    await expect(start).rejects.toThrow(EnvoyStartError);
    await expect(start).rejects.toThrow(/span_attributes/);
  });
});
