// Traces in which every condition holds, be it on one span or on several: what the mesh says of a request (cluster.name) and what the
// application says (tenant.id) meet on the trace id. Reads what the Collector's file exporter wrote, a request as OTLP JSON in each line.
import { readFileSync } from "node:fs";

const USAGE = "usage: node query.mjs FILE NAME=VALUE... [trace=ID]\n  node query.mjs traces.jsonl cluster.name=us-east tenant.id=acme";

/** Every span with its attributes and those of its resource, which a backend searches as well. */
function read(file) {
  const requests = readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map(line => JSON.parse(line));
  return requests.flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans
        .flatMap(({ spans }) => spans)
        .map(span => ({ ...span, tags: { ...texts(resource?.attributes), ...texts(span.attributes) } })),
    ),
  );
}

const texts = (attributes = []) => Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));

function byTrace(spans) {
  const groups = new Map();
  for (const span of spans) groups.set(span.traceId, [...(groups.get(span.traceId) ?? []), span]);
  return groups;
}

/** The trace as a tree, a line for each span; a span whose parent is not there stands at the left. */
function draw(spans) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent, indent) =>
    spans
      .filter(({ parentSpanId = "" }) => (parent === null ? !ids.has(parentSpanId) : parentSpanId === parent))
      .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
      .flatMap(span => [`${indent}${describe(span)}`, ...below(span.spanId, `${indent}  `)]);
  return below(null, "  ");
}

function describe({ name, startTimeUnixNano, endTimeUnixNano, tags }) {
  const ms = (Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6).toFixed(1);
  const shown = ["cluster.name", "tenant.id", "user.id"].filter(key => key in tags).map(key => `${key}=${tags[key]}`);
  return `${tags["service.name"] ?? "unknown"}: ${name} (${ms} ms) ${shown.join(" ")}`.trimEnd();
}

const [file, ...words] = process.argv.slice(2);
const conditions = words.map(word => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]);
if (!file || conditions.length === 0 || words.some(word => word.indexOf("=") < 1)) {
  console.error(USAGE);
  process.exit(2);
}
const traces = byTrace(read(file));
const holds =
  spans =>
  ([name, value]) =>
    spans.some(({ traceId, tags }) => (name === "trace" ? traceId : tags[name]) === value);
const found = [...traces].filter(([, spans]) => conditions.every(holds(spans)));
for (const [traceId, spans] of found) console.log([`trace ${traceId}`, ...draw(spans)].join("\n"));
if (found.length === 0) {
  console.error(`query: no trace has ${words.join(" and ")} among ${traces.size}; leave conditions out to see which one it is`);
  process.exit(1);
}
