import type { ClusterHandler, GrpcCall } from "../host/index.ts";
import { grpcAnswer } from "./grpc.ts";
import { callHeaders } from "./grpc-call-headers.ts";
import { BROKEN, BROKEN_LATER, type Failure } from "./grpc-end.ts";
import { GrpcServerCall } from "./grpc-server-call.ts";
import type { Patience } from "./patience.ts";
import { Queue } from "./queue.ts";
import type { HostGrpcCall, HostGrpcUpstream } from "./types.ts";

/** A gRPC server of the emulator. */
export class EmulatedGrpcUpstream implements HostGrpcUpstream {
  readonly url: string;
  readonly calls: HostGrpcCall[] = [];
  readonly #waiting: Queue<HostGrpcCall>;
  readonly #meanwhile: () => () => void;

  /** `meanwhile` lets the time of all that may call pass, until the function that it returns is called. */
  constructor(url: string, meanwhile: () => () => void) {
    this.url = url;
    this.#meanwhile = meanwhile;
    this.#waiting = new Queue("a call of the gRPC upstream", meanwhile);
  }

  next(): Promise<HostGrpcCall> {
    return this.#waiting.take();
  }

  /** The cluster that it is behind; `moved` hears of what a test has sent. A call that is open is the test's to go on with. */
  cluster(moved: () => void, patience: Patience): ClusterHandler {
    return {
      http: () => "reset",
      grpc: call => {
        const server = this.#server(call, moved, patience.owes(`the end of the call /${call.service}/${call.method}`));
        this.calls.push(server);
        this.#waiting.put(server);
      },
    };
  }

  #server(call: GrpcCall, moved: () => void, over: () => void): GrpcServerCall {
    const act = (what: () => void): void => {
      if (call.state === "open") what();
      if (call.state !== "open") setImmediate(over);
      moved();
    };
    let begun = false;
    let last: Buffer | null = null;
    const closeWith = ({ status, words, details }: Failure, trailing: [string, string][]): void => {
      if (!begun) call.initialMetadata([]);
      call.trailingMetadata(trailing);
      if (call.state === "open") call.close(status, words, details);
    };
    const server = new GrpcServerCall(`/${call.service}/${call.method}`, callHeaders(call), {
      metadata(pairs) {
        begun = true;
        act(() => call.initialMetadata([...HEADERS, ...pairs, date(), ...served(call)]));
      },
      send(message) {
        last = message;
        // The answer to a unary call is handed on at its end.
        if (call.kind === "stream") act(() => call.message(message));
      },
      end(end) {
        const { headers = [], trailers } = grpcAnswer({ ...end, ...(begun ? { message: "" } : {}) });
        const { status = 0 } = end;
        const trailing = trailers ?? [STATUS, ...headers, date(), ...served(call)];
        act(() => {
          if (call.kind === "stream" || status !== 0) closeWith({ status, words: wordsOf(trailing), details: "via_upstream" }, trailing);
          else if (last) call.message(last);
          else call.close(0);
        });
      },
      reset: () => act(() => (begun ? closeWith(BROKEN_LATER, []) : closeWith(BROKEN, asEnvoySays(BROKEN)))),
      meanwhile: this.#meanwhile,
    });
    for (const message of call.messages) server.take(message);
    if (call.kind === "call" || call.localClosed) server.finish("end");
    call.onMessage = message => server.take(message);
    call.onEnd = how => {
      if (how === "reset") setImmediate(over);
      server.finish(how);
    };
    return server;
  }
}

const STATUS: [string, string] = [":status", "200"];
const HEADERS: readonly [string, string][] = [STATUS, ["content-type", "application/grpc"]];
const date = (): [string, string] => ["date", new Date().toUTCString()];
/** What Envoy adds when the filter sends no more. */
const served = (call: GrpcCall): [string, string][] =>
  call.kind === "call" || call.localClosed ? [["x-envoy-upstream-service-time", "0"]] : [];
const wordsOf = (pairs: readonly [string, string][]): string => pairs.find(([name]) => name === "grpc-message")?.[1] ?? "";
/** The answer that Envoy makes up where none came. */
const asEnvoySays = ({ status, words }: Failure): [string, string][] => [
  ...HEADERS,
  ["grpc-status", String(status)],
  ["grpc-message", words],
];
