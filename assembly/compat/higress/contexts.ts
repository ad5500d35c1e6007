import { callbackCount } from "../../sdk/lifecycle";
import { BaseContext } from "../base-context";
import { ensuredRoot, knownRoot, knownStream } from "../context-access";
import { WasmResultValues } from "../enums";
import { Headers } from "../headers";
import { registerFactory } from "../registry";
import { RootBase, WaitingCall } from "../root-base";
import { StreamBase } from "../stream-base";

/** What a typed client ends in. */
export type ResponseCallBack = (statusCode: i32, responseHeaders: Headers, responseBody: ArrayBuffer) => void;
/** What an HTTP call ends in; it hands on to `callback`. */
export type HttpCallbackFunction = (
  origin_context: BaseContext,
  headers: u32,
  body_size: usize,
  trailers: u32,
  callback: ResponseCallBack,
) => void;

/** An HTTP call that waits for its answer. */
export class HttpCallback extends WaitingCall {
  constructor(
    origin_context: BaseContext,
    public cb: HttpCallbackFunction,
    public ResponseCallBack: ResponseCallBack,
  ) {
    super(origin_context);
  }

  answer(headers: u32, body_size: usize, trailers: u32): void {
    root_context = changetype<RootContext | null>(ownerOf(this.origin_context));
    this.cb(this.origin_context, headers, body_size, trailers, this.ResponseCallBack);
  }
}

function ownerOf(context: BaseContext): BaseContext {
  return context instanceof StreamBase ? (<StreamBase>context).compatRoot : context;
}

/** The root context that was made last; a filter with several configurations uses `context.root_context`. */
export let root_context: RootContext | null = null;

/** One that is made when the module is loaded serves all configurations; the build has calls at the top level make one for each. */
export function setRootContext(ctx: RootContext): void {
  root_context = ctx;
  if (callbackCount != 0) return;
  only = ctx;
  registerFactory(theOnly, "");
}

let only: RootContext | null = null;

function theOnly(id: u32): RootContext {
  return only as RootContext;
}

let makeRoot: (() => void) | null = null;

/** The build calls it: `make` is what a filter does at its top level to have its root context made. */
export function registerRootMaker(make: () => void): void {
  makeRoot = make;
  registerFactory(made, "");
}

function made(id: u32): RootContext {
  const make = makeRoot;
  if (make != null) make();
  const root = root_context;
  if (root == null) throw new Error("the top level of the module makes no root context");
  return root;
}

/** One configuration of the plugin. */
export class RootContext extends RootBase {
  constructor(context_id: u32 = 0) {
    super(context_id);
    root_context = this;
  }

  /** Override it: the context of a stream. */
  createContext(context_id: u32 = 0): Context {
    return new Context(context_id, this);
  }

  /** Calls `cluster`. It is not called back when the stream of `origin_context` has ended by then. */
  httpCall(
    cluster: string,
    headers: Headers,
    body: ArrayBuffer,
    trailers: Headers,
    timeout_milliseconds: u32,
    origin_context: BaseContext,
    responseCallBack: ResponseCallBack,
    cb: HttpCallbackFunction,
  ): WasmResultValues {
    return this.compatSend(cluster, headers, body, trailers, timeout_milliseconds, new HttpCallback(origin_context, cb, responseCallBack));
  }
}

/** One HTTP stream or TCP connection. */
export class Context extends StreamBase {
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

/** Makes a root context known by its name: `root_id` in Envoy, `pluginName` in Istio. */
export function registerRootContext(context_factory: (context_id: u32) => RootContext, name: string): void {
  registerFactory(context_factory, name);
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
