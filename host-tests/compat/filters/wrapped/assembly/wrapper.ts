// A layer over Higress' SDK, as its plugins have one: the root context is made once, when the module is loaded, and objects are kept as numbers.
import {
  Context,
  FilterHeadersStatusValues,
  RootContext,
  setRootContext,
  stream_context,
} from "@higress/proxy-wasm-assemblyscript-sdk/assembly";

export interface Http {
  SetContext(key: string, value: usize): void;
  GetContext(key: string): usize;
}

export type OnHeaders<T> = (http: Http, config: T) => FilterHeadersStatusValues;
export type Parse<T> = (text: string) => T;

class Settings<T> {
  constructor(
    public parse: Parse<T>,
    public onRequest: OnHeaders<T>,
    public onResponse: OnHeaders<T>,
  ) {}
}

export function handlers<T>(parse: Parse<T>, onRequest: OnHeaders<T>, onResponse: OnHeaders<T>): usize {
  return changetype<usize>(new Settings<T>(parse, onRequest, onResponse));
}

export function SetCtx<T>(name: string, settings: usize[]): void {
  setRootContext(new CommonRoot<T>(1, name, changetype<Settings<T>>(settings[0])));
}

class CommonRoot<T> extends RootContext {
  config: T | null = null;

  constructor(
    id: u32,
    public name: string,
    public settings: Settings<T>,
  ) {
    super(id);
  }

  createContext(id: u32): Context {
    return new Common<T>(id, this);
  }

  onConfigure(size: u32): bool {
    super.onConfigure(size);
    this.config = this.settings.parse(this.getConfiguration());
    return true;
  }
}

class Common<T> extends Context implements Http {
  values: Map<string, usize> = new Map();

  constructor(
    id: u32,
    public root: CommonRoot<T>,
  ) {
    super(id, root);
  }

  SetContext(key: string, value: usize): void {
    this.values.set(key, value);
  }

  GetContext(key: string): usize {
    return this.values.get(key);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    stream_context.headers.request.add("x-name", this.root.name);
    return this.root.settings.onRequest(this, this.root.config as T);
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    return this.root.settings.onResponse(this, this.root.config as T);
  }
}
