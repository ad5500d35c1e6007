import type { AccessLogEntry, EchoAnswer, EchoedRequest, EnvoySpec, Update } from "../envoy/index.ts";

/** Which host runs a scenario. */
export type HostKind = "emulator" | "envoy";

/** A request of a scenario; as the driver of the real Envoy takes it. */
export interface HostRequest {
  method?: string;
  path?: string;
  /** Pairs in the order they are sent, repeated names allowed; values are latin1. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** A string is latin1 as well: give `Buffer.from(text)` for UTF-8. */
  body?: string | Uint8Array;
}

/** What came back, and what the upstream got. */
export interface HostResponse {
  status: number;
  /** Names in lower case. */
  headers: [name: string, value: string][];
  /** The first value of a header; null when there is none. */
  header(name: string): string | null;
  /** Decoded as UTF-8. */
  body: string;
  json<T = unknown>(): T;
  /** The request as it reached an upstream of `host.upstream()`; null when none did. */
  upstream: EchoedRequest | null;
  /** The span attributes that the listener's `spanAttributes` names, as filters set them; null for one that was not set. */
  spanAttributes: Readonly<Record<string, string | null>>;
}

/** An upstream on this machine, or in the emulator; its `url` goes into a cluster. */
export interface HostUpstream {
  url: string;
  requests: EchoedRequest[];
}

export interface UpstreamOptions {
  /** Says something else than the echo; absent parts are 200, application/json, the request as JSON. */
  respond?: (request: EchoedRequest) => EchoAnswer | undefined;
}

/** What both hosts understand of Envoy's configuration. The emulator refuses the rest by name. */
export interface HostSpec extends EnvoySpec {
  listeners: HostListener[];
}

export type HostListener = EnvoySpec["listeners"][number] & {
  /** Names of span attributes that responses shall show. */
  spanAttributes?: readonly string[];
};

/** A host with a configuration in use. */
export interface RunningHost {
  readonly kind: HostKind;
  readonly version: string;
  request(listener: string, options?: HostRequest): Promise<HostResponse>;
  /** Lines of the log that match, of all that the host has written until now. */
  logs(pattern?: RegExp | string): Promise<string[]>;
  waitForLog(pattern: RegExp | string): Promise<string>;
  accessLog(listener: string): Promise<AccessLogEntry[]>;
  waitForAccessLog(count: number, listener: string): Promise<AccessLogEntry[]>;
  /** A filter's metric by the name that the filter gave it; 0 when there is none. */
  metric(name: string): Promise<number>;
  /** Takes other listeners over, when it was started with `dynamicListeners`; the old ones go on when they are refused. Clusters stay. */
  update(spec: HostSpec): Promise<Update>;
  /** Resolves when old configurations have drained. */
  drained(): Promise<void>;
  /** Lets time pass: really on Envoy, by the clock in the emulator. */
  pass(milliseconds: number): Promise<void>;
  setLogLevel(level: "trace" | "debug" | "info" | "warning" | "error"): Promise<void>;
  stop(): Promise<void>;
}

/** What a scenario gets. Everything it starts ends with the test. */
export interface ProxyHost {
  readonly kind: HostKind;
  /** Of Envoy, or of the Envoy that the emulator is like. */
  readonly version: string;
  /** An upstream that answers with what it was asked, as JSON. */
  upstream(options?: UpstreamOptions): Promise<HostUpstream>;
  /** Rejects with the filter's own words when the configuration is refused. */
  start(spec: HostSpec): Promise<RunningHost>;
}
