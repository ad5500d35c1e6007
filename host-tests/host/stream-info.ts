import type { ByteString } from "./bytes.ts";
import { FilterState } from "./filter-state.ts";
import type { Given } from "./value.ts";

/** Where a connection comes from and goes to. */
export interface ConnectionInfo {
  readonly id: bigint;
  readonly source: string;
  readonly destination: string;
  readonly requestedServerName?: string;
  readonly mtls?: boolean;
}

/** What is known of a stream or a TCP connection, for attributes and access logs. */
export class StreamInfo {
  readonly connection: ConnectionInfo;
  readonly filterState: FilterState;
  /** Nanoseconds since 1970. */
  readonly startTime: bigint;
  readonly direction: "inbound" | "outbound";
  /** Attributes as the test gives them; they come before what the emulator knows. */
  readonly given: Readonly<Record<string, Given>>;
  protocol: ByteString | null = null;
  bytesReceived = 0;
  bytesSent = 0;
  responseCode: number | null = null;
  responseCodeDetails: ByteString | null = null;
  responseFlags = 0n;
  /** Nanoseconds from the start to the end of the stream; null before. */
  duration: bigint | null = null;
  /** Nanoseconds that the upstream took, when it has answered whole. */
  backendLatency: bigint | null = null;
  routeName: ByteString | null = null;
  virtualHost: ByteString | null = null;
  listener: string;
  upstream: { cluster: string; address: string } | null = null;
  /** Envoy has begun to look for an upstream; of a TCP connection from its beginning. */
  upstreamBegun = false;
  /** A virtual host was found, with a route or without. */
  routed = false;
  transportFailureReason: ByteString = "";
  connectionTerminationDetails: ByteString | null = null;

  constructor(options: {
    connection: ConnectionInfo;
    startTime: bigint;
    direction: "inbound" | "outbound";
    listener: string;
    given?: Readonly<Record<string, Given>> | undefined;
    /** Filter state of the connection that an HTTP stream came on. */
    connectionState?: FilterState | undefined;
  }) {
    this.filterState = new FilterState(options.connectionState);
    this.connection = options.connection;
    this.startTime = options.startTime;
    this.direction = options.direction;
    this.listener = options.listener;
    this.given = options.given ?? {};
  }
}
