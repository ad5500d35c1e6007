export type { Attributes, AttributeValue } from "./attributes.ts";
export { decodeLogs, decodeSpans, type LogRecord, type Span, type SpanKind } from "./decode.ts";
export { type OtlpReceiver, startReceiver } from "./receiver.ts";
export { byTrace, drawTrees, type SpanNode, spanTrees, type TreeSpan } from "./tree.ts";
