import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { findCollector } from "../collector/build.ts";
import { startCollector } from "../collector/collector.ts";
import { startEnvoy } from "../envoy/index.ts";
import { quietPort } from "../istio/quiet-port.ts";
import { keep } from "./keep.ts";
import { makeTraces, otlpRequest } from "./traces.ts";

const EXPRESSIONS = (
  parse(readFileSync("istio/collector/alerts.yaml", "utf8")) as { spec: { groups: { rules: { expr: string }[] }[] } }
).spec.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
const named = (prefix: RegExp): string[] =>
  [...new Set(EXPRESSIONS.flatMap(expr => expr.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []))].filter(name => prefix.test(name)).sort();

const metrics = async (url: string): Promise<string> => (await fetch(url)).text();
/** Names of those that have no line. */
const missing = (text: string, names: readonly string[]): string[] => names.filter(name => !new RegExp(`^${name}[{ ]`, "m").test(text));

describe("istio/collector/alerts.yaml", () => {
  it("asks the Collector for metrics that it has", async () => {
    const own = await quietPort();
    const spanMetrics = await quietPort();
    const collector = keep(
      await startCollector({
        configs: ["otel/gateway.yaml"],
        env: { TRACES_ENDPOINT: `127.0.0.1:${await quietPort()}`, TRACES_INSECURE: "true", LOGS_ENDPOINT: "http://127.0.0.1:9" },
        ownMetrics: own,
        config: {
          extensions: { health_check: { endpoint: `127.0.0.1:${await quietPort()}` } },
          processors: { tail_sampling: { decision_wait: "100ms", num_traces: 2 } },
          connectors: { spanmetrics: { metrics_flush_interval: "100ms" } },
          // Nobody is there, and it does not try again: what is lost is counted.
          exporters: {
            prometheus: { endpoint: `127.0.0.1:${spanMetrics}` },
            "otlp/traces": { retry_on_failure: { enabled: false }, timeout: "1s" },
          },
        },
      }),
    );
    const headers = { "content-type": "application/json" };
    const traces = makeTraces(20, BigInt(Date.now()) * 1_000_000n);
    const failed = (span: object) => ({ ...span, status: { code: 2 }, kind: 2 });
    const spans = otlpRequest(
      "checkout",
      traces.map(({ spans: [root] }) => failed(root)),
    );
    const logs = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "GET / 200" } }] }] }] });
    expect((await fetch(`${collector.http}/v1/traces`, { method: "POST", headers, body: spans })).ok).toBe(true);
    expect((await fetch(`${collector.http}/v1/logs`, { method: "POST", headers, body: logs })).ok).toBe(true);
    const ofItself = named(/^otelcol_/);
    const ofSpans = named(/^traces_span_metrics_/);
    expect(ofItself.length).toBeGreaterThan(5);
    expect(ofSpans.length).toBe(2);
    await expect.poll(async () => missing(await metrics(`http://127.0.0.1:${own}/metrics`), ofItself)).toEqual([]);
    await expect.poll(async () => missing(await metrics(`http://127.0.0.1:${spanMetrics}/metrics`), ofSpans)).toEqual([]);
    // With the labels by which they are told apart.
    const text = await metrics(`http://127.0.0.1:${spanMetrics}/metrics`);
    const [line = ""] = /^traces_span_metrics_calls_total\{.*$/m.exec(text) ?? [];
    for (const label of [
      'service_name="checkout"',
      'cluster_name="unknown"',
      'span_kind="SPAN_KIND_SERVER"',
      'status_code="STATUS_CODE_ERROR"',
    ])
      expect(line).toContain(label);
  });

  it("asks Envoy for metrics that trace-context has", async () => {
    const names = named(/^trace_context_/);
    expect(names).toEqual(["trace_context_export_dropped"]);
    const config = { export: { cluster: "otel", protocol: "http" } };
    const proxy = keep(
      await startEnvoy({
        run: "binary",
        config: {
          clusters: [{ name: "otel", url: `http://127.0.0.1:${await quietPort()}` }],
          listeners: [
            {
              name: "in",
              filters: [{ name: "trace-context", wasm: "build/trace-context.wasm", config }],
              routes: [{ response: { status: 200 } }],
            },
          ],
        },
      }),
    );
    expect(missing(await proxy.admin("/stats/prometheus"), names)).toEqual([]);
  });

  it("asks for nothing else than those, Istio's own and Prometheus's", () => {
    const known = /^(otelcol_|traces_span_metrics_|trace_context_|istio_requests_total$)/;
    const labels = /^(cluster_name|response_code|service_name|span_kind|status_code|tenant_id|histogram_quantile)$/;
    const words = EXPRESSIONS.map(expr => expr.replaceAll(/"[^"]*"/g, "")).flatMap(expr => expr.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []);
    expect([...new Set(words)].filter(word => !known.test(word) && !labels.test(word))).toEqual([]);
  });
});

describe("istio/collector", () => {
  it.each(["agent", "gateway"])("%s.yaml sets all that the Collector's configuration asks the environment for", async name => {
    const objects = parseAllDocuments(readFileSync(`istio/collector/${name}.yaml`, "utf8")).map(each => each.toJS());
    const { spec } = objects.find(({ kind }) => kind === "DaemonSet" || kind === "Deployment").spec.template;
    const env = spec.containers[0].env.map(({ name, value }: { name: string; value?: string }) => [name, value ?? "node-1"]);
    const run = promisify(execFile);
    const args = ["validate", "--config", `otel/${name}.yaml`];
    await run(await findCollector(), args, { env: { PATH: process.env.PATH, ...Object.fromEntries(env) } });
    const asked = [...readFileSync(`otel/${name}.yaml`, "utf8").matchAll(/\$\{env:([A-Z_]+)\}/g)].map(([, variable]) => variable);
    const given = env.map(([variable]: [string]) => variable);
    expect(asked.filter(variable => !given.includes(variable))).toEqual([]);
  });
});
