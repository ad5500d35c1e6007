// The application in the second cluster: takes part in the trace, and says of the order what no mesh can know, with names of its own
// (tenant_id) that the Collector aligns. An SDK of OpenTelemetry's does the same; here it is by hand, so that nothing has to be installed.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const port = Number(process.env.PORT ?? 8080);
const collector = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "http://127.0.0.1:4318";

const server = createServer(async (request, response) => {
  const start = now();
  const [, traceId, parentSpanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(request.headers.traceparent ?? "") ?? [];
  response.end(`order of ${request.headers["x-tenant-id"] ?? "nobody"}\n`);
  // The lowest bit says whether the trace is recorded.
  if (!traceId || Number.parseInt(flags, 16) % 2 === 0) return;
  const attributes = texts({ tenant_id: request.headers["x-tenant-id"] ?? "none", order_step: "reserve" });
  const spanId = randomBytes(8).toString("hex");
  const span = {
    traceId,
    spanId,
    parentSpanId,
    kind: 1,
    name: "ReserveOrder",
    startTimeUnixNano: start,
    endTimeUnixNano: now(),
    attributes,
  };
  const resource = { attributes: texts({ "service.name": "orders" }) };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const headers = { "content-type": "application/json" };
  await fetch(`${collector}/v1/traces`, { method: "POST", headers, body }).catch(error => console.error(`app: ${error.cause ?? error}`));
});
server.listen(port, "127.0.0.1", () => console.log(`app: listening on ${server.address().port}`));

/** Nanoseconds since 1970, as text: JavaScript's numbers are too short for them. */
function now() {
  return `${BigInt(Date.now()) * 1_000_000n}`;
}

function texts(values) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
