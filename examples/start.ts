import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OtlpReceiver, RunningEnvoy, Span } from "meshwright/testing";
import type { EnvoySuite } from "meshwright/vitest";
import { expect } from "vitest";

export interface Example {
  readonly proxy: RunningEnvoy;
  readonly otlp: OtlpReceiver;
  /** A file of the example as Envoy reads it here. */
  file(name: string): string;
}

/**
 * Starts Envoy with an example's envoy.yaml. Changed are ports, paths of modules and the collector's address, and spans are sent at once;
 * `active` is the file that is found in build/ where the example switches between files.
 */
export async function startExample(envoy: EnvoySuite, name: string, active?: string): Promise<Example> {
  const otlp = await envoy.receiver();
  let file = (_: string): string => "";
  const proxy = await envoy.start({
    listeners: 1,
    config: place => {
      const address = (host: string, port: number | string) => `address: ${host}\n$1port_value: ${port}`;
      file = each =>
        readFileSync(join("examples", name, each), "utf8")
          .replace(/(?<=filename: )build\/[\w-]+\.wasm/g, module => place.file(module))
          .replace(/(?<=path: )build\//, `${place.folder}/`)
          .replace(/address: 0\.0\.0\.0\n( +)port_value: 10000/, address(place.listenAddress, place.listenerPort(0)))
          .replace(/address: 127\.0\.0\.1\n( +)port_value: 9901/, address(place.listenAddress, place.adminPort))
          .replace(/address: 127\.0\.0\.1\n( +)port_value: 4318/, address(place.hostAddress, new URL(otlp.url).port));
      if (active) write(join(place.folder, `${name}.yaml`), file(active));
      return `${file("envoy.yaml")}${SOON}`;
    },
  });
  return { proxy, otlp, file };
}

const SOON = `
layered_runtime:
  layers: [{ name: soon, static_layer: { tracing.opentelemetry.flush_interval_ms: 100, tracing.opentelemetry.min_flush_spans: 1 } }]
`;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o644 });
}

/** The series of a metric as Prometheus reads them: labels, and the count. */
export async function series(proxy: RunningEnvoy, metric: string): Promise<Record<string, string | number>[]> {
  const lines = (await proxy.admin("/stats/prometheus")).split("\n").filter(line => line.startsWith(`${metric}{`));
  return lines.map(line => ({
    ...Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value])),
    count: Number(line.split(" ").at(-1)),
  }));
}

/** Waits for a series; the end of a stream is counted after the client has its answer. */
export async function expectSeries(proxy: RunningEnvoy, metric: string, wanted: Record<string, string | number>): Promise<void> {
  await expect.poll(() => series(proxy, metric)).toContainEqual(wanted);
}

/** The one span so far whose attributes match, and the line of the access log with its trace. */
export async function traced(
  { proxy, otlp }: Example,
  attributes: Record<string, unknown>,
): Promise<{ span: Span; line: Record<string, unknown> }> {
  const matching = (): Span[] =>
    otlp.spans().filter(span => Object.entries(attributes).every(([key, value]) => span.attributes[key] === value));
  await expect.poll(() => matching().length).toBe(1);
  const span = matching()[0] as Span;
  return { span, line: JSON.parse(await proxy.waitForLog(`"${span.traceId}"`)) };
}
