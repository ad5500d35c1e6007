import { type JsonAttribute, readLines, texts } from "./span-file.ts";

/** A sum's or gauge's point as the Collector's file exporter writes it. */
export interface WrittenPoint {
  readonly name: string;
  readonly value: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

interface JsonPoint {
  attributes?: JsonAttribute[];
  asInt?: string | number;
  asDouble?: number;
}

interface JsonMetric {
  name: string;
  sum?: { dataPoints?: JsonPoint[] };
  gauge?: { dataPoints?: JsonPoint[] };
}

interface JsonRequest {
  resourceMetrics?: { resource?: { attributes?: JsonAttribute[] }; scopeMetrics?: { metrics?: JsonMetric[] }[] }[];
}

/** The points of counters and gauges of a file with one request as OTLP JSON in each line, in their order. */
export async function readMetricFile(path: string): Promise<WrittenPoint[]> {
  return (await readLines<JsonRequest>(path)).flatMap(({ resourceMetrics = [] }) =>
    resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
      scopeMetrics
        .flatMap(({ metrics = [] }) => metrics)
        .flatMap(({ name, sum, gauge }) =>
          [...(sum?.dataPoints ?? []), ...(gauge?.dataPoints ?? [])].map(({ attributes, asInt, asDouble }) => ({
            name,
            value: Number(asInt ?? asDouble),
            attributes: texts(attributes),
            resource: texts(resource?.attributes),
          })),
        ),
    ),
  );
}
