import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** What shows a log finds of the trace in it; null when there is nothing that it recognises. */
export type Jump = (entry: LogEntry) => string | null;

/** A log as its backend has it: the line, and beside it what a record has as fields. */
export interface LogEntry {
  readonly line: string;
  readonly fields: Readonly<Record<string, string>>;
}

interface DataSource {
  uid: string;
  type: string;
  jsonData?: { derivedFields?: DerivedField[]; tracesToLogsV2?: { datasourceUid: string; query: string } };
}

interface DerivedField {
  name: string;
  matcherType: "label" | "regex";
  matcherRegex: string;
  url: string;
  datasourceUid: string;
}

// Variables of Grafana's, written so that they are not taken for JavaScript's.
const VALUE = "$" + "{__value.raw}";
const TRACE = "$" + "{__trace.traceId}";

const sources = (): DataSource[] =>
  (parse(readFileSync("otel/grafana/datasources.yaml", "utf8")) as { datasources: DataSource[] }).datasources;

/** What Grafana does with the derived fields of otel/grafana: the value that the field finds, put into the query for the data source that it names. */
export function grafanaJump(name: string): Jump {
  const all = sources();
  const field = all.find(({ type }) => type === "loki")?.jsonData?.derivedFields?.find(each => each.name === name);
  if (!field) throw new Error(`otel/grafana/datasources.yaml has no derived field "${name}"`);
  const target = all.find(({ uid }) => uid === field.datasourceUid);
  if (target?.type !== "tempo") throw new Error(`"${name}" leads to ${field.datasourceUid}, which is no data source of Tempo's`);
  return ({ line, fields }) => {
    const value = field.matcherType === "label" ? fields[field.matcherRegex] : new RegExp(field.matcherRegex).exec(line)?.[1];
    // Provisioning makes one $ of two.
    return value ? field.url.replaceAll("$$", "$").replaceAll(VALUE, value) : null;
  };
}

/** From a span to its lines: the query that Grafana sends to Loki. */
export function linesOfTrace(traceId: string): string {
  const { datasourceUid, query } = sources().find(({ type }) => type === "tempo")?.jsonData?.tracesToLogsV2 ?? {
    datasourceUid: "",
    query: "",
  };
  if (!sources().some(({ uid, type }) => uid === datasourceUid && type === "loki"))
    throw new Error(`${datasourceUid} is no data source of Loki's`);
  return query.replaceAll("$$", "$").replaceAll(TRACE, traceId);
}

/** What Kibana makes of the data view of otel/kibana: a link to Jaeger for a field. */
export function kibanaJump(field: string): Jump {
  const { data_view } = JSON.parse(readFileSync("otel/kibana/data-view.json", "utf8"));
  const template: string | undefined = data_view.fieldFormats[field]?.params.urlTemplate;
  if (!template) throw new Error(`otel/kibana/data-view.json has no link for ${field}`);
  return ({ fields }) => {
    const value = fields[field];
    if (!value) return null;
    const url = new URL(template.replaceAll("{{value}}", encodeURIComponent(value)));
    // The page of a trace in Jaeger.
    return /^\/trace\/([0-9a-f]{32})$/.exec(url.pathname)?.[1] ?? null;
  };
}
