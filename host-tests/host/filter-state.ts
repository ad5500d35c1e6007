import type { ByteString } from "./bytes.ts";
import { gap } from "./refusal.ts";
import { Status } from "./status.ts";
import type { Value } from "./value.ts";

/** What `declare_property` says of a property, and what holds without it. */
export interface PropertyDeclaration {
  readonly readonly: boolean;
  readonly type: "bytes" | "string" | "flatbuffers" | "protobuf";
  readonly schema: ByteString;
  readonly lifeSpan: "filter chain" | "request" | "connection";
}

const UNDECLARED: PropertyDeclaration = { readonly: false, type: "bytes", schema: "", lifeSpan: "filter chain" };

interface State {
  readonly declaration: PropertyDeclaration;
  value: ByteString;
}

/** The filter state of a stream or connection. What a filter sets as `x` is kept as `wasm.x`. */
export class FilterState {
  readonly #states = new Map<ByteString, State>();
  readonly #connection: FilterState | null;

  /** With the state of its connection, which a stream sees as well. */
  constructor(connection: FilterState | null = null) {
    this.#connection = connection;
  }

  setWasm(name: ByteString, value: ByteString, declared: PropertyDeclaration = UNDECLARED): number {
    const key = `wasm.${name}`;
    const state = this.#find(key);
    const states = declared.lifeSpan === "connection" && this.#connection ? this.#connection.#states : this.#states;
    if (!state) states.set(key, { declaration: declared, value });
    else if (state.declaration.readonly) return Status.BadArgument;
    else state.value = value;
    return Status.Ok;
  }

  /** State of Envoy's own, as `set_envoy_filter_state` sets it. */
  setEnvoy(name: ByteString, value: ByteString): void {
    this.#states.set(name, { declaration: { ...UNDECLARED, type: "string" }, value });
  }

  /** A property by its first part. */
  wasm(name: ByteString, last: boolean): Value | undefined {
    return this.value(`wasm.${name}`, last);
  }

  value(key: ByteString, last: boolean): Value | undefined {
    const state = this.#find(key);
    if (!state) return undefined;
    const { type } = state.declaration;
    if (!last && (type === "protobuf" || type === "flatbuffers")) throw gap(`the fields of a property declared as ${type} (${key})`);
    return { type: type === "string" ? "string" : "bytes", value: state.value };
  }

  /** Key to value, as `%FILTER_STATE(key:PLAIN)%` shows it. */
  get entries(): Record<string, string> {
    const own = Object.fromEntries([...this.#states].map(([key, { value }]) => [key, Buffer.from(value, "latin1").toString("utf8")]));
    return { ...this.#connection?.entries, ...own };
  }

  #find(key: ByteString): State | undefined {
    return this.#states.get(key) ?? (this.#connection ? this.#connection.#find(key) : undefined);
  }

  plain(key: string): string | null {
    const state = this.#find(key);
    return state ? Buffer.from(state.value, "latin1").toString("utf8") : null;
  }
}
