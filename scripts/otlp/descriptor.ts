import protobuf from "protobufjs/light.js";

/**
 * The messages of the OpenTelemetry protocol that an exporter sends, with the field numbers of opentelemetry-proto 1.x.
 * Written out here so that no .proto files have to be fetched or shipped.
 */
const field = (id: number, type: string): protobuf.IField => ({ id, type });
const list = (id: number, type: string): protobuf.IField => ({ id, type, rule: "repeated" });
const message = (fields: Record<string, protobuf.IField>, oneofs?: protobuf.IType["oneofs"]): protobuf.IType =>
  oneofs ? { fields, oneofs } : { fields };

const common = {
  AnyValue: message(
    {
      stringValue: field(1, "string"),
      boolValue: field(2, "bool"),
      intValue: field(3, "int64"),
      doubleValue: field(4, "double"),
      arrayValue: field(5, "ArrayValue"),
      kvlistValue: field(6, "KeyValueList"),
      bytesValue: field(7, "bytes"),
    },
    { value: { oneof: ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"] } },
  ),
  ArrayValue: message({ values: list(1, "AnyValue") }),
  KeyValueList: message({ values: list(1, "KeyValue") }),
  KeyValue: message({ key: field(1, "string"), value: field(2, "AnyValue") }),
  Resource: message({ attributes: list(1, "KeyValue"), droppedAttributesCount: field(2, "uint32") }),
  Scope: message({ name: field(1, "string"), version: field(2, "string"), attributes: list(3, "KeyValue") }),
};

const trace = {
  ExportTraceServiceRequest: message({ resourceSpans: list(1, "ResourceSpans") }),
  ResourceSpans: message({ resource: field(1, "Resource"), scopeSpans: list(2, "ScopeSpans"), schemaUrl: field(3, "string") }),
  ScopeSpans: message({ scope: field(1, "Scope"), spans: list(2, "Span"), schemaUrl: field(3, "string") }),
  Span: message({
    traceId: field(1, "bytes"),
    spanId: field(2, "bytes"),
    traceState: field(3, "string"),
    parentSpanId: field(4, "bytes"),
    name: field(5, "string"),
    kind: field(6, "int32"),
    startTimeUnixNano: field(7, "fixed64"),
    endTimeUnixNano: field(8, "fixed64"),
    attributes: list(9, "KeyValue"),
    droppedAttributesCount: field(10, "uint32"),
    events: list(11, "Event"),
    droppedEventsCount: field(12, "uint32"),
    links: list(13, "Link"),
    droppedLinksCount: field(14, "uint32"),
    status: field(15, "Status"),
    flags: field(16, "fixed32"),
  }),
  Event: message({ timeUnixNano: field(1, "fixed64"), name: field(2, "string"), attributes: list(3, "KeyValue") }),
  Link: message({
    traceId: field(1, "bytes"),
    spanId: field(2, "bytes"),
    traceState: field(3, "string"),
    attributes: list(4, "KeyValue"),
    flags: field(6, "fixed32"),
  }),
  Status: message({ message: field(2, "string"), code: field(3, "int32") }),
};

const logs = {
  ExportLogsServiceRequest: message({ resourceLogs: list(1, "ResourceLogs") }),
  ResourceLogs: message({ resource: field(1, "Resource"), scopeLogs: list(2, "ScopeLogs") }),
  ScopeLogs: message({ scope: field(1, "Scope"), logRecords: list(2, "LogRecord") }),
  LogRecord: message({
    timeUnixNano: field(1, "fixed64"),
    severityNumber: field(2, "int32"),
    severityText: field(3, "string"),
    body: field(5, "AnyValue"),
    attributes: list(6, "KeyValue"),
    flags: field(8, "fixed32"),
    traceId: field(9, "bytes"),
    spanId: field(10, "bytes"),
    observedTimeUnixNano: field(11, "fixed64"),
  }),
};

const root = protobuf.Root.fromJSON({ nested: { ...common, ...trace, ...logs } });

export const ExportTraceServiceRequest = root.lookupType("ExportTraceServiceRequest");
export const ExportLogsServiceRequest = root.lookupType("ExportLogsServiceRequest");
