/** Filter state that a format reads: `%FILTER_STATE(wasm.user_id:PLAIN)%`. */
export function stateKeys(format: string): { key: string; isPlain: boolean }[] {
  return [...format.matchAll(/%FILTER_STATE\(([^:)]+)((?::[^)]*)?)\)/g)].map(([, key = "", how = ""]) => ({
    key,
    isPlain: /:(PLAIN|TYPED|FIELD)/.test(how),
  }));
}

/** How a log line can carry the id of its trace. */
export interface TraceIdInLog {
  /** Of Envoy's tracer. */
  readonly ofTracer: boolean;
  /** In a header, which the tracer or a filter of ours writes. */
  readonly inHeader: boolean;
  /** Of trace-context, where it is told to expose it. */
  readonly inState: boolean;
}

export function traceIdIn(format: string): TraceIdInLog {
  return {
    ofTracer: format.includes("%TRACE_ID%"),
    inHeader: /%REQ(_WITHOUT_QUERY)?\((traceparent|b3|x-b3-traceid)[?):]/i.test(format),
    inState: /%FILTER_STATE\(wasm\.trace_context\.trace_id\b/.test(format),
  };
}
