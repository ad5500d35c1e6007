import { BufferType, MapType, Status } from "../abi/enums";
import { proxy_http_call } from "../abi/hostcalls";
import { OUT } from "../abi/memory";
import { parseDecimal } from "../std/decimal";
import { ABSENT, EMPTY, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { authorityOf } from "./authority";
import { Body } from "./body";
import { CallOutcome, canAnswer, Pending, PendingCalls } from "./calls";
import { BaseContext } from "./context";
import { HeaderList } from "./header-list";
import { HeaderMap } from "./header-map";
import { textSlice } from "./text";

/** Made with the first call, so that a module without calls has none of it. */
class Shared {
  readonly headers: HeaderMap = new HeaderMap(MapType.HttpCallResponseHeaders);
  readonly trailers: HeaderMap = new HeaderMap(MapType.HttpCallResponseTrailers);
  readonly body: Body = new Body(BufferType.HttpCallResponseBody);
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

/** What came back. Valid in the continuation. */
export class HttpCallResponse {
  constructor(
    /** `Success`, whatever status code the cluster answered with, or `Failed`. */
    readonly outcome: CallOutcome,
    /** How many bytes the body has. */
    readonly bodySize: u32,
  ) {}

  /** The status code: of the cluster, or of the host in place of it (504 for a timeout, 503 for a reset); 0 when the host gives none. */
  get status(): u32 {
    return parseDecimal(shared().headers.viewOfText(":status"));
  }

  /** With `:status`. */
  get headers(): HeaderMap {
    return shared().headers;
  }

  /** The whole body. */
  get body(): Body {
    return shared().body;
  }

  /** Empty when none came. */
  get trailers(): HeaderMap {
    return shared().trailers;
  }
}

/** A continuation as an object: for one that needs to remember more than its context. */
export abstract class HttpCallHandler<C extends BaseContext> {
  /** The answer has come, or the call has failed. Once for each call. Spec: v0.2.1 #proxy_on_http_call_response */
  abstract onResponse(context: C, response: HttpCallResponse): void;
}

abstract class PendingHttp extends Pending {
  abstract deliver(response: HttpCallResponse): void;
}

class PendingHandler<C extends BaseContext> extends PendingHttp {
  constructor(
    private readonly context: C,
    private readonly handler: HttpCallHandler<C>,
  ) {
    super(context.id);
  }

  deliver(response: HttpCallResponse): void {
    this.context.id = this.owner;
    this.handler.onResponse(this.context, response);
  }
}

class PendingFunction<C extends BaseContext> extends PendingHttp {
  constructor(
    private readonly context: C,
    private readonly handler: (context: C, response: HttpCallResponse) => void,
  ) {
    super(context.id);
  }

  deliver(response: HttpCallResponse): void {
    this.context.id = this.owner;
    this.handler(this.context, response);
  }
}

/**
 * A request of the filter's own, to a cluster that the host knows.
 *
 * ```ts
 * const call = new HttpCall("auth");
 * call.path = "/check";
 * if (call.then<Auth>(this, (auth, response) => auth.decide(response)) != CallOutcome.Sent) return this.deny();
 * return HeadersStatus.StopAllIterationAndWatermark;
 * ```
 * Functions capture nothing: what the continuation needs is in the context, which it gets as a parameter. The answer for a context
 * that has ended is dropped. Valid in every callback. Spec: v0.2.1 #proxy_http_call
 */
export class HttpCall {
  /** `:method`. */
  method: string = "GET";
  /** `:path`, with the query. */
  path: string = "/";
  /** `:authority`; the name of the cluster when nothing else is set, of one of Istio's (`outbound|80||auth.shop.svc.cluster.local`) its host. */
  authority: string;
  /** In milliseconds. */
  timeout: u32 = 1000;
  /** Further headers. */
  readonly headers: HeaderList = new HeaderList();
  /** Trailers; none are sent when it is empty. */
  readonly trailers: HeaderList = new HeaderList();
  private body: Slice = EMPTY;

  constructor(
    /** The cluster that answers. */
    readonly cluster: string,
  ) {
    this.authority = authorityOf(cluster);
  }

  /** Sends text as the body. */
  setBody(text: string): HttpCall {
    this.body = textSlice(text);
    return this;
  }

  /** Sends bytes as the body. */
  setBodyBytes(bytes: Uint8Array): HttpCall {
    this.body = presentSlice(bytes.dataStart, bytes.byteLength);
    return this;
  }

  /** Sends a view on bytes as the body; it has to be valid until the call is sent. */
  setBodyView(bytes: Slice): HttpCall {
    this.body = bytes;
    return this;
  }

  /** Takes the trace along: traceparent, tracestate and baggage of a request, as they stand there now. */
  propagate(request: HeaderMap): HttpCall {
    propagateTrace(request, this.headers);
    return this;
  }

  /** Sends it; `continuation` gets the answer, once, unless the result is another than `Sent`. */
  then<C extends BaseContext>(context: C, continuation: (context: C, response: HttpCallResponse) => void): CallOutcome {
    return this.dispatch(new PendingFunction<C>(context, continuation));
  }

  /** As `then`, with a handler object. */
  send<C extends BaseContext>(context: C, handler: HttpCallHandler<C>): CallOutcome {
    return this.dispatch(new PendingHandler<C>(context, handler));
  }

  private dispatch(pending: PendingHttp): CallOutcome {
    const cluster = textSlice(this.cluster);
    const own = new HeaderList().add(":method", this.method).add(":path", this.path).add(":authority", this.authority);
    const headers = own.concat(this.headers).toPairs();
    const trailers = this.trailers.size == 0 ? ABSENT : this.trailers.toPairs();
    if (headers == ABSENT || this.body == ABSENT) return CallOutcome.Refused;
    const status = <Status>(
      proxy_http_call(
        slicePointer(cluster),
        sliceLength(cluster),
        slicePointer(headers),
        sliceLength(headers),
        slicePointer(this.body),
        sliceLength(this.body),
        slicePointer(trailers),
        sliceLength(trailers),
        this.timeout,
        OUT,
      )
    );
    // A method, a path and an authority are always there, so a bad argument is the cluster.
    if (status == Status.BadArgument) return CallOutcome.UnknownCluster;
    if (status != Status.Ok) return CallOutcome.Refused;
    shared().calls.add(load<u32>(OUT), pending);
    return CallOutcome.Sent;
  }
}

/** Copies what carries a trace from a request to a list of headers. */
export function propagateTrace(request: HeaderMap, headers: HeaderList): void {
  const names = ["traceparent", "tracestate", "baggage"];
  for (let i = 0; i < names.length; i++) {
    const values = request.getAll(names[i]);
    for (let j = 0; j < values.length; j++) headers.add(names[i], values[j]);
  }
}

/** The host's answer; see `proxy_on_http_call_response`. No headers means that none came. */
export function deliverHttpResponse(contextId: u32, callId: u32, headers: u32, bodySize: u32): void {
  const calls = shared().calls;
  const call = calls.find(contextId, callId);
  if (call == null) return;
  calls.remove(call);
  if (!canAnswer(call.owner, contextId)) return;
  const outcome = headers == 0 || isFromHost() ? CallOutcome.Failed : CallOutcome.Success;
  changetype<PendingHttp>(call).deliver(new HttpCallResponse(outcome, bodySize));
}

/**
 * Whether the host answered in place of the cluster. Envoy says that nothing came with a status code of its own, 503 or 504, and not by
 * the absence of headers; what really came from a cluster bears the time that it took.
 */
function isFromHost(): bool {
  const headers = shared().headers;
  if (!headers.equals(":status", "503") && !headers.equals(":status", "504")) return false;
  return !headers.has("x-envoy-upstream-service-time");
}
