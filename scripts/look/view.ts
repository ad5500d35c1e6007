/** What the page shows; the browser gets it as JSON. */
export interface View {
  readonly services: readonly { readonly name: string; readonly url: string }[];
  /** A line to try. */
  readonly hint: string;
  /** The newest first. */
  readonly traces: readonly TraceView[];
  readonly tenants: TenantsView;
}

export interface TraceView {
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly tenant: string;
  readonly user: string;
  /** In the order of the tree. */
  readonly spans: readonly SpanView[];
  readonly log: readonly LogView[];
}

export interface SpanView {
  readonly id: string;
  readonly depth: number;
  readonly service: string;
  readonly kind: string;
  readonly name: string;
  /** From the trace's start. */
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  /** Of filters; then Envoy's own. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly ofEnvoy: readonly (readonly [name: string, value: string])[];
}

export interface LogView {
  readonly where: string;
  readonly spanId: string;
  readonly line: string;
}

export interface TenantsView {
  readonly names: readonly string[];
  readonly totals: readonly { readonly name: string; readonly requests: number; readonly errors: number }[];
  /** Seconds since 1970, and for each tenant its requests per second in the second before. */
  readonly times: readonly number[];
  readonly rates: readonly (readonly number[])[];
}
