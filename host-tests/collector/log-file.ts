import { type JsonAttribute, readLines, texts } from "./span-file.ts";

/** A log record as the Collector's file exporter writes it. */
export interface WrittenLog {
  /** "" where the record has none. */
  readonly traceId: string;
  readonly spanId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

interface JsonRecord {
  traceId?: string;
  spanId?: string;
  body?: { stringValue?: string };
  attributes?: JsonAttribute[];
}

interface JsonRequest {
  resourceLogs?: { resource?: { attributes?: JsonAttribute[] }; scopeLogs?: { logRecords?: JsonRecord[] }[] }[];
}

/** The log records of a file with one request as OTLP JSON in each line. */
export async function readLogFile(path: string): Promise<WrittenLog[]> {
  return (await readLines<JsonRequest>(path)).flatMap(({ resourceLogs = [] }) =>
    resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
      scopeLogs
        .flatMap(({ logRecords = [] }) => logRecords)
        .map(({ traceId = "", spanId = "", body, attributes }) => ({
          traceId,
          spanId,
          body: body?.stringValue ?? "",
          attributes: texts(attributes),
          resource: texts(resource?.attributes),
        })),
    ),
  );
}
