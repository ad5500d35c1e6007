import { BaseContext } from "../base-context";
import { ensuredRoot, getBaseContext, knownRoot, knownStream } from "../context-access";
import { WasmResultValues } from "../enums";
import { Headers } from "../headers";
import { continue_request } from "../hostcalls";
import { registerFactory } from "../registry";
import { RootBase, WaitingCall } from "../root-base";
import { StreamBase } from "../stream-base";

/** What an HTTP call ends in. Functions keep nothing but their arguments, so the context comes along. */
export type HttpCallbackFunction = (origin_context: BaseContext, headers: u32, body_size: usize, trailers: u32) => void;

/** An HTTP call that waits for its answer. */
export class HttpCallback extends WaitingCall {
  constructor(
    origin_context: BaseContext,
    public cb: HttpCallbackFunction,
  ) {
    super(origin_context);
  }

  answer(headers: u32, body_size: usize, trailers: u32): void {
    this.cb(this.origin_context, headers, body_size, trailers);
  }
}

/** What an HTTP call ended in up to 0.1.7. */
export type NumberCallbackFunction = (origin_context_id: u32, headers: u32, body_size: usize, trailers: u32) => void;

class NumberCallback extends WaitingCall {
  constructor(
    origin_context: BaseContext,
    private readonly cb: NumberCallbackFunction,
  ) {
    super(origin_context);
  }

  answer(headers: u32, body_size: usize, trailers: u32): void {
    this.cb(this.origin_context.context_id, headers, body_size, trailers);
    // Those versions went on with the request by themselves.
    continue_request();
  }
}

/** One configuration of the plugin. */
export class RootContext extends RootBase {
  constructor(context_id: u32 = 0) {
    super(context_id);
  }

  /** Override it: the context of a stream. */
  createContext(context_id: u32 = 0): Context {
    return new Context(context_id, this);
  }

  /**
   * Calls `cluster`. `cb` gets `origin_context`, for which hostcalls then act, and the sizes of the answer; all are 0 when the call failed or
   * was cancelled. It is not called when the stream of `origin_context` has ended by then.
   */
  httpCall(
    cluster: string,
    headers: Headers,
    body: ArrayBuffer,
    trailers: Headers,
    timeout_milliseconds: u32,
    origin_context: BaseContext,
    cb: HttpCallbackFunction,
  ): WasmResultValues {
    return this.compatSend(cluster, headers, body, trailers, timeout_milliseconds, new HttpCallback(origin_context, cb));
  }

  /** The same as it was up to 0.1.7, which named the context by its number; the build makes it of such an `httpCall`. */
  compatCallByNumber(
    cluster: string,
    headers: Headers,
    body: ArrayBuffer,
    trailers: Headers,
    timeout_milliseconds: u32,
    origin_context_id: u32,
    cb: NumberCallbackFunction,
  ): WasmResultValues {
    const call = new NumberCallback(getBaseContext(origin_context_id), cb);
    return this.compatSend(cluster, headers, body, trailers, timeout_milliseconds, call);
  }

  /** Either of them, by what `origin_context` is; the build makes it of an `httpCall` whose callback stands elsewhere. */
  compatCall<Origin>(
    cluster: string,
    headers: Headers,
    body: ArrayBuffer,
    trailers: Headers,
    timeout_milliseconds: u32,
    origin_context: Origin,
    cb: HttpCallbackFunction,
  ): WasmResultValues {
    if (isReference<Origin>()) {
      return this.httpCall(cluster, headers, body, trailers, timeout_milliseconds, changetype<BaseContext>(origin_context), cb);
    } else {
      const byNumber = changetype<NumberCallbackFunction>(cb);
      return this.compatCallByNumber(cluster, headers, body, trailers, timeout_milliseconds, <u32>origin_context, byNumber);
    }
  }
}

/** One HTTP stream or TCP connection. */
export class Context extends StreamBase {
  /** Both may be left out: whoever registers the context sets them. */
  constructor(context_id_: u32 = 0, root_context: RootContext = changetype<RootContext>(0)) {
    super(context_id_, root_context);
  }

  get root_context(): RootContext {
    return changetype<RootContext>(this.compatRoot);
  }

  set root_context(root: RootContext) {
    this.compatRoot = root;
  }
}

/** Of versions up to 0.1.7, whose compiler had no virtual methods. */
export class RootContextHelper {
  static wrap<T extends RootContext>(that: T): RootContext {
    return that;
  }
}

/** Of versions up to 0.1.7, whose compiler had no virtual methods. */
export class ContextHelper {
  static wrap<T extends Context>(that: T): Context {
    return that;
  }
}

/** Makes a root context known by its name: `root_id` in Envoy, `pluginName` in Istio. */
export function registerRootContext(root_context_factory: (context_id: u32) => RootContext, name: string): void {
  registerFactory(root_context_factory, name);
}

export function ensureRootContext(root_context_id: u32): RootContext {
  return ensuredRoot<RootContext>(root_context_id);
}

export function getContext(context_id: u32): Context {
  return knownStream<Context>(context_id);
}

export function getRootContext(context_id: u32): RootContext {
  return knownRoot<RootContext>(context_id);
}
