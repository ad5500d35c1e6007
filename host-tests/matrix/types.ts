import type { AccessLogEntry, Body, EchoedRequest, EnvoySpec, Update } from "../envoy/index.ts";
import type { GrpcAnswer } from "./grpc.ts";

/** Which host runs a scenario. */
export type HostKind = "emulator" | "envoy";

/** A request of a scenario; as the driver of the real Envoy takes it. */
export interface HostRequest {
  method?: string;
  path?: string;
  /** Pairs in the order they are sent, repeated names allowed; values are latin1. */
  headers?: readonly (readonly [name: string, value: string])[];
  /**
   * A string is latin1 as well: give `Buffer.from(text)` for UTF-8. A list is sent piece by piece, and each piece meets the filters alone;
   * an asynchronous generator decides when each of its pieces is sent.
   */
  body?: Body;
  /** HTTP/2 instead of HTTP/1.1. */
  http2?: boolean;
  /** Behind the body; with `http2: true`. */
  trailers?: readonly (readonly [name: string, value: string])[];
  /** Which worker gets it, from 0, where the host was started with several; in turn when absent. */
  worker?: number;
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
  /** Trailers, of an answer to a request with `http2: true`. */
  trailers: [name: string, value: string][];
  /** The request as it reached an upstream of `host.upstream()`; null when none did. */
  upstream: HostUpstreamRequest | null;
  /** The span attributes that the listener's `spanAttributes` names, as filters set them; null for one that was not set. */
  spanAttributes: Readonly<Record<string, string | null>>;
}

/** A request as it reached an upstream. */
export interface HostUpstreamRequest extends EchoedRequest {
  /** Absent when there were none, as always with HTTP/1.1. */
  trailers?: [name: string, value: string][];
}

/** What an upstream answers; absent parts are 200, application/json, the request as JSON. */
export interface HostAnswer {
  status?: number;
  headers?: [name: string, value: string][];
  /** Strings are UTF-8. In pieces, each meets the filters alone, as in a request. */
  body?: Body;
  /** Behind the body; the cluster has to be `http2: true`. */
  trailers?: [name: string, value: string][];
  delayMs?: number;
  /** Behind the body, instead of its end, the connection breaks. */
  thenReset?: boolean;
}

/** An answer, or none: the connection breaks ("reset"), or nothing ever comes ("never"). */
export type Reaction = HostAnswer | "reset" | "never";

/** A request that waits for the test's answer. */
export interface HeldRequest extends HostUpstreamRequest {
  /** Answers it; without more it is the echo. */
  respond(reaction?: Reaction): void;
}

/** An upstream on this machine, or in the emulator; its `url` goes into a cluster. */
export interface HostUpstream {
  url: string;
  requests: HostUpstreamRequest[];
  /** With `respond: "manual"`: the next request that nobody has taken yet; waits for it. */
  next(): Promise<HeldRequest>;
}

export interface UpstreamOptions {
  /** Says something else than the echo: the same to all requests, or what a function makes of each. "manual" leaves the answers to the test: see `next`. */
  respond?: "manual" | Reaction | ((request: HostUpstreamRequest) => Reaction | undefined | Promise<Reaction | undefined>);
}

/** One end of a TCP connection in the hands of a test: the client's, or the upstream's. */
export interface HostSocket {
  /** All that has come so far; bytes as latin1. */
  readonly received: string;
  /** How the other side ended: it sends no more ("end"), or the connection broke; null while it may still send. */
  readonly over: "end" | "reset" | null;
  /** A string is latin1: give `Buffer.from(text)` for UTF-8. What is sent meets the filters separately from what was sent before. */
  send(data: string | Uint8Array): Promise<void>;
  /** Sends no more, after `data`; what comes is still read. Envoy closes the connection when both sides have said so. */
  end(data?: string | Uint8Array): Promise<void>;
  /** Breaks the connection. */
  reset(): Promise<void>;
  /** Waits until what was received contains a text, matches, or has so many bytes; resolves to all of it. */
  waitFor(what: string | RegExp | number): Promise<string>;
  /** Waits until the other side sends no more, or the connection is broken. */
  ended(): Promise<"end" | "reset">;
}

/** A TCP upstream; its `url` goes into a cluster, whose name goes into a listener's `tcp`. */
export interface HostTcpUpstream {
  url: string;
  /** All connections so far, in their order. */
  readonly connections: readonly HostSocket[];
  /** The next connection that nobody has taken yet; waits for it. */
  next(): Promise<HostSocket>;
}

export interface TcpUpstreamOptions {
  /** Answers each piece; an echo when absent. "manual" leaves the connections to the test, their end as well: see `next`. */
  respond?: "manual" | ((data: string) => string | Uint8Array | undefined);
}

/** A filter's gRPC call or stream, in the hands of a test that plays the server. */
export interface HostGrpcCall {
  /** Such as `/example.Service/Method`. */
  readonly path: string;
  /** With the metadata that the filter sent along. */
  readonly headers: [name: string, value: string][];
  /** All messages of the filter so far. */
  readonly messages: readonly Buffer[];
  /** How the filter ended: it sends no more ("end"), or it cancelled the call or its connection broke ("reset"); null while it may still send. */
  readonly over: "end" | "reset" | null;
  /** The filter's next message that nobody has taken yet; waits for it. Null when it sends no more. */
  next(): Promise<Buffer | null>;
  /** Waits until the filter sends no more, or the call is gone. */
  ended(): Promise<"end" | "reset">;
  /** Sends initial metadata; goes by itself, without any, before the first message. */
  metadata(pairs: [name: string, value: string][]): Promise<void>;
  /** Sends a message; a string stands for its latin1 bytes. */
  send(message: string | Uint8Array): Promise<void>;
  /** Ends the call; with status 0, OK, when nothing is said. */
  end(end?: Pick<GrpcAnswer, "status" | "statusMessage" | "trailers">): Promise<void>;
  /** Breaks the connection. */
  reset(): Promise<void>;
}

/** A gRPC server in the hands of the test; its `url` goes into a cluster with `http2: true`. */
export interface HostGrpcUpstream {
  url: string;
  /** All calls so far, in their order. */
  readonly calls: readonly HostGrpcCall[];
  /** The next call that nobody has taken yet; waits for it. */
  next(): Promise<HostGrpcCall>;
}

/** What both hosts understand of Envoy's configuration. The emulator refuses the rest by name. */
export interface HostSpec extends EnvoySpec {
  listeners: HostListener[];
  /** Worker threads of Envoy, each with VMs of its own: filters meet through shared data and queues alone. 1 when absent. */
  workers?: number;
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
  /** Opens a TCP connection to a listener with `tcp`. */
  connect(listener: string, options?: { worker?: number }): Promise<HostSocket>;
  /** Lines of the log that match, of all that the host has written until now. */
  logs(pattern?: RegExp | string): Promise<string[]>;
  waitForLog(pattern: RegExp | string): Promise<string>;
  accessLog(listener: string): Promise<AccessLogEntry[]>;
  waitForAccessLog(count: number, listener: string): Promise<AccessLogEntry[]>;
  /** A filter's metric by the name that the filter gave it, and of a family the labels in their order; 0 when there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** All counters and gauges of filters, by their names in Envoy without its `wasmcustom.`. */
  metrics(): Promise<Record<string, number>>;
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
  /** A TCP upstream; an echo unless it is told otherwise. */
  tcpUpstream(options?: TcpUpstreamOptions): Promise<HostTcpUpstream>;
  /** A gRPC server for calls and streams that filters open, played by the test. */
  grpcUpstream(): Promise<HostGrpcUpstream>;
  /** Rejects with the filter's own words when the configuration is refused. */
  start(spec: HostSpec): Promise<RunningHost>;
}
