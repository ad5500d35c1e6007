import { BufferType, GrpcStatus, MapType, Status } from "../abi/enums";
import {
  proxy_get_status,
  proxy_grpc_call,
  proxy_grpc_cancel,
  proxy_grpc_close,
  proxy_grpc_send,
  proxy_grpc_stream,
} from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { ProtoReader, ProtoWriter } from "../std/protobuf";
import { ABSENT, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { decodeUtf8 } from "../std/utf8";
import { authorityOf } from "./authority";
import { Body } from "./body";
import { CallOutcome, canAnswer, Pending, PendingCalls } from "./calls";
import { BaseContext } from "./context";
import { HeaderList } from "./header-list";
import { HeaderMap } from "./header-map";
import { propagateTrace } from "./http-call";
import { textSlice } from "./text";

/** Made with the first call, so that a module without calls has none of it. */
class Shared {
  readonly initialMetadata: HeaderMap = new HeaderMap(MapType.GrpcCallInitialMetadata);
  readonly trailingMetadata: HeaderMap = new HeaderMap(MapType.GrpcCallTrailingMetadata);
  readonly message: Body = new Body(BufferType.GrpcCallMessage);
  readonly calls: PendingCalls = new PendingCalls();
}
let made: Shared | null = null;

function shared(): Shared {
  const known = made;
  if (known != null) return known;
  const fresh = new Shared();
  made = fresh;
  return fresh;
}

/** What came back from a unary call. Valid in the continuation. */
export class GrpcResponse {
  constructor(
    /** How the call ended. A timeout is `Unavailable`, as is a broken connection; an HTTP error without gRPC's status becomes the one that stands for it. */
    readonly status: GrpcStatus,
    /**
     * The server's words for a status other than `Ok`, percent-encoded as they come, and in braces what Envoy knows: `no such{via_upstream}`, and
     * `via_upstream` alone when the server said nothing. For logs, not to compare with.
     */
    readonly statusMessage: string,
    /** How many bytes the answer has. */
    readonly messageSize: u32,
  ) {}

  /** The serialized answer; empty unless the status is `Ok`. */
  get message(): Body {
    return shared().message;
  }
}

/** A continuation of a unary call as an object. */
export abstract class GrpcCallHandler<C extends BaseContext> {
  /** The answer has come, or the call has failed. Once for each call. */
  abstract onResponse(context: C, response: GrpcResponse): void;
}

/** What happens on a stream. Override what the filter needs. */
export abstract class GrpcStreamHandler<C extends BaseContext> {
  /** The server's initial metadata has come. Spec: v0.2.1 #proxy_on_grpc_receive_initial_metadata */
  onInitialMetadata(context: C, metadata: HeaderMap): void {}
  /** A serialized message of `size` bytes has come. Spec: v0.2.1 #proxy_on_grpc_receive */
  onMessage(context: C, message: Body, size: u32): void {}
  /** The server's trailing metadata has come. Spec: v0.2.1 #proxy_on_grpc_receive_trailing_metadata */
  onTrailingMetadata(context: C, metadata: HeaderMap): void {}
  /** The stream has ended; nothing comes after this. Spec: v0.2.1 #proxy_on_grpc_close */
  onClose(context: C, status: GrpcStatus, statusMessage: string): void {}
}

abstract class PendingGrpc extends Pending {
  onInitial(): void {}
  onReceive(size: u32): void {}
  onTrailing(): void {}
  onClosed(status: GrpcStatus): void {}

  /** Whether the first message is the last, too. */
  get unary(): bool {
    return true;
  }
}

class PendingUnary<C extends BaseContext> extends PendingGrpc {
  constructor(
    private readonly context: C,
    private readonly handler: GrpcCallHandler<C> | null,
    private readonly continuation: ((context: C, response: GrpcResponse) => void) | null,
  ) {
    super(context.id);
  }

  onReceive(size: u32): void {
    this.deliver(new GrpcResponse(GrpcStatus.Ok, "", size));
  }

  onClosed(status: GrpcStatus): void {
    this.deliver(new GrpcResponse(status, statusMessage(), 0));
  }

  private deliver(response: GrpcResponse): void {
    this.context.id = this.owner;
    const handler = this.handler;
    const continuation = this.continuation;
    if (handler != null) handler.onResponse(this.context, response);
    else if (continuation != null) continuation(this.context, response);
  }
}

class PendingStream<C extends BaseContext> extends PendingGrpc {
  constructor(
    private readonly context: C,
    private readonly handler: GrpcStreamHandler<C>,
    private readonly stream: GrpcStream,
  ) {
    super(context.id);
  }

  get unary(): bool {
    return false;
  }

  onInitial(): void {
    this.context.id = this.owner;
    this.handler.onInitialMetadata(this.context, shared().initialMetadata);
  }

  onReceive(size: u32): void {
    this.context.id = this.owner;
    this.handler.onMessage(this.context, shared().message, size);
  }

  onTrailing(): void {
    this.context.id = this.owner;
    this.handler.onTrailingMetadata(this.context, shared().trailingMetadata);
  }

  onClosed(status: GrpcStatus): void {
    this.context.id = this.owner;
    this.stream.ended(this);
    this.handler.onClose(this.context, status, statusMessage());
  }
}

/** Where a call goes, and what goes along: what unary calls and streams share. */
class GrpcTarget {
  /** Metadata that goes first. */
  readonly metadata: HeaderList = new HeaderList();
  /** `:authority`; the name of the cluster when nothing else is set, of one of Istio's its host. */
  authority: string;

  constructor(
    /** The cluster that answers. */
    readonly cluster: string,
    /** With its package: `opentelemetry.proto.collector.trace.v1.TraceService`. */
    readonly service: string,
    /** The method, such as `Export`. */
    readonly method: string,
  ) {
    this.authority = authorityOf(cluster);
  }

  /** Takes the trace along: traceparent, tracestate and baggage of a request, as they stand there now. */
  propagate(request: HeaderMap): void {
    propagateTrace(request, this.metadata);
  }

  /**
   * The host takes a serialized `envoy.config.core.v3.GrpcService` or, when the bytes are no message, the name of a cluster; only for
   * a name does Envoy say that it knows no such cluster. A name that is a message by chance goes as a message, and so does one with another
   * authority: to an unknown cluster that is refused.
   */
  protected target(): Slice {
    if (this.authority != this.cluster) return this.envoyGrpc();
    const name = textSlice(this.cluster);
    const reader = new ProtoReader(name);
    let group = false;
    while (reader.next()) {}
    // Groups, which nobody writes any more, are malformed for this reader but not for Envoy's.
    if (reader.malformed) group = reader.wireType == 3 || reader.wireType == 4;
    if (reader.malformed && !group) return name;
    return this.envoyGrpc();
  }

  private envoyGrpc(): Slice {
    const target = new ProtoWriter().text(1, this.cluster);
    if (this.authority != this.cluster) target.text(2, this.authority);
    return new ProtoWriter().message(1, target).view;
  }

  protected pairs(): Slice {
    return this.metadata.size == 0 ? ABSENT : this.metadata.toPairs();
  }
}

/**
 * A unary gRPC call of the filter's own. See `HttpCall` for continuations.
 * Valid in every callback. Spec: v0.2.1 #proxy_grpc_call
 */
export class GrpcCall extends GrpcTarget {
  /** In milliseconds. */
  timeout: u32 = 1000;

  /** Sends a serialized message; `continuation` gets the answer, once, unless the result is another than `Sent`. */
  then<C extends BaseContext>(context: C, request: Uint8Array, continuation: (context: C, response: GrpcResponse) => void): CallOutcome {
    return this.thenView(context, presentSlice(request.dataStart, request.byteLength), continuation);
  }

  /** As `then`, for a message as a view that is valid until the call is sent. */
  thenView<C extends BaseContext>(context: C, request: Slice, continuation: (context: C, response: GrpcResponse) => void): CallOutcome {
    return this.dispatch(request, new PendingUnary<C>(context, null, continuation));
  }

  /** As `then`, with a handler object. */
  send<C extends BaseContext>(context: C, request: Uint8Array, handler: GrpcCallHandler<C>): CallOutcome {
    return this.dispatch(presentSlice(request.dataStart, request.byteLength), new PendingUnary<C>(context, handler, null));
  }

  private dispatch(request: Slice, pending: PendingGrpc): CallOutcome {
    const target = this.target();
    const service = textSlice(this.service);
    const method = textSlice(this.method);
    const metadata = this.pairs();
    const status = <Status>(
      proxy_grpc_call(
        slicePointer(target),
        sliceLength(target),
        slicePointer(service),
        sliceLength(service),
        slicePointer(method),
        sliceLength(method),
        slicePointer(metadata),
        sliceLength(metadata),
        slicePointer(request),
        sliceLength(request),
        this.timeout,
        OUT,
      )
    );
    return started(status, pending);
  }
}

/** A gRPC stream of the filter's own. Spec: v0.2.1 #proxy_grpc_stream */
export class GrpcStream extends GrpcTarget {
  private streamId: u32 = 0;
  /** Who is told what happens on it. */
  private pending: Pending | null = null;
  /** Whether messages can be sent. */
  open: bool = false;

  /** Opens it; `handler` is told what happens, unless the result is another than `Sent`. */
  start<C extends BaseContext>(context: C, handler: GrpcStreamHandler<C>): CallOutcome {
    const target = this.target();
    const service = textSlice(this.service);
    const method = textSlice(this.method);
    const metadata = this.pairs();
    const status = <Status>(
      proxy_grpc_stream(
        slicePointer(target),
        sliceLength(target),
        slicePointer(service),
        sliceLength(service),
        slicePointer(method),
        sliceLength(method),
        slicePointer(metadata),
        sliceLength(metadata),
        OUT,
      )
    );
    const pending = new PendingStream<C>(context, handler, this);
    const outcome = started(status, pending);
    this.pending = pending;
    this.open = outcome == CallOutcome.Sent;
    this.streamId = this.open ? load<u32>(OUT) : 0;
    return outcome;
  }

  /** Sends a serialized message. `Status.BadArgument` when the stream is not open. Spec: v0.2.1 #proxy_grpc_send */
  send(request: Uint8Array, endOfStream: bool = false): Status {
    if (!this.open) return Status.BadArgument;
    return proxy_grpc_send(this.streamId, request.dataStart, request.byteLength, endOfStream ? 1 : 0);
  }

  /** Ends this side of the stream; `onClose` still comes. Spec: v0.2.1 #proxy_grpc_close */
  close(): Status {
    if (!this.open) return Status.BadArgument;
    this.open = false;
    return proxy_grpc_close(this.streamId);
  }

  /** Resets the stream; nothing comes after this. Spec: v0.2.1 #proxy_grpc_cancel */
  cancel(): Status {
    const pending = this.pending;
    if (!this.open || pending == null) return Status.BadArgument;
    this.open = false;
    // Nobody answers it any more, and a plugin context lives as long as its configuration.
    shared().calls.remove(pending);
    return proxy_grpc_cancel(this.streamId);
  }

  /**
   * The host has closed the stream that `pending` waited for, which may be one from before the last `start`.
   * @internal
   */
  ended(pending: Pending): void {
    if (this.pending == pending) this.open = false;
  }
}

function started(status: Status, pending: PendingGrpc): CallOutcome {
  // Envoy answers ParseFailure where it knows no such cluster; the specification says BadArgument.
  if (status == Status.ParseFailure || status == Status.BadArgument) return CallOutcome.UnknownCluster;
  if (status != Status.Ok) return CallOutcome.Refused;
  shared().calls.add(load<u32>(OUT), pending);
  return CallOutcome.Sent;
}

/** Spec: v0.2.1 #proxy_get_status */
function statusMessage(): string {
  if (proxy_get_status(OUT, OUT_SIZE, OUT_SIZE + 4) != 0) return "";
  return decodeUtf8(load<usize>(OUT_SIZE), load<u32>(OUT_SIZE, 4));
}

function find(contextId: u32, callId: u32): PendingGrpc | null {
  const call = shared().calls.find(contextId, callId);
  return call != null && canAnswer(call.owner, contextId) ? changetype<PendingGrpc>(call) : null;
}

export function deliverGrpcInitialMetadata(contextId: u32, callId: u32): void {
  const call = find(contextId, callId);
  if (call != null) call.onInitial();
}

export function deliverGrpcMessage(contextId: u32, callId: u32, size: u32): void {
  const call = find(contextId, callId);
  if (call == null) return;
  if (call.unary) shared().calls.remove(call);
  call.onReceive(size);
}

export function deliverGrpcTrailingMetadata(contextId: u32, callId: u32): void {
  const call = find(contextId, callId);
  if (call != null) call.onTrailing();
}

export function deliverGrpcClose(contextId: u32, callId: u32, status: u32): void {
  const call = find(contextId, callId);
  if (call == null) return;
  shared().calls.remove(call);
  call.onClosed(status);
}
