/** Header maps: pairs of bytes, functions by the type of the map, and `stream_context`. */
import {
  proxy_add_header_map_value,
  proxy_get_header_map_pairs,
  proxy_get_header_map_size,
  proxy_get_header_map_value,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_set_header_map_pairs,
} from "../abi/hostcalls";
import { allocate, OUT, OUT_SIZE } from "../abi/memory";
import { HeaderMap } from "../sdk/header-map";
import { contextChanged } from "../sdk/lifecycle";
import { ABSENT, EMPTY, presentSlice, Slice } from "../std/slice";
import { complain, noBytes, sliceLength, slicePointer, takeBytes, takeText, textOf, textSlice } from "./bytes";
import { defer, deferredValue } from "./deferred";
import { HeaderMapTypeValues, WasmResultValues } from "./enums";
import { addExtra, Extra, ExtraKind, firstExtra } from "./extras";
import { defersResponse } from "./facts";
import { findKept, findKeptPairs, hasKept, hasPassed, isKept, notePassed } from "./kept";
import { mapOf } from "./maps";

// What writes to a map by its type tells the other readers of the map that it has changed: `contextChanged`.

/** A header as bytes. */
export class HeaderPair {
  constructor(
    public key: ArrayBuffer = new ArrayBuffer(0),
    public value: ArrayBuffer = new ArrayBuffer(0),
  ) {}

  toString(): string {
    return textOf(this.key) + ":" + textOf(this.value);
  }
}

export type Headers = Array<HeaderPair>;

export function makeHeaderPair(key: string, value: string): HeaderPair {
  return new HeaderPair(String.UTF8.encode(key), String.UTF8.encode(value));
}

/**
 * Headers as the host reads them:
 *
 *   count | count × (size of key, size of value) | count × (key 0 value 0)
 */
export function serializeHeaders(headers: Headers): ArrayBuffer {
  const pairs = new ArrayBuffer(sizeOfPairs(headers));
  writePairs(headers, changetype<usize>(pairs));
  return pairs;
}

/** The same in memory that is valid until the callback returns; no bytes when there are no headers, which hosts take as that. */
export function pairsSlice(headers: Headers): Slice {
  if (headers.length == 0) return EMPTY;
  const size = sizeOfPairs(headers);
  const at = allocate(size);
  if (at == 0) return ABSENT;
  writePairs(headers, at);
  return presentSlice(at, size);
}

function sizeOfPairs(headers: Headers): i32 {
  let size = 4 + (headers.length << 3);
  for (let i = 0; i < headers.length; i++) size += headers[i].key.byteLength + headers[i].value.byteLength + 2;
  return size;
}

function writePairs(headers: Headers, pairs: usize): void {
  const count = headers.length;
  let sizes = pairs;
  store<u32>(sizes, count);
  sizes += 4;
  let at = sizes + ((<usize>count) << 3);
  for (let i = 0; i < count; i++) {
    const key = headers[i].key;
    const value = headers[i].value;
    store<u32>(sizes, key.byteLength);
    store<u32>(sizes, value.byteLength, 4);
    sizes += 8;
    at = writeBytes(key, at);
    at = writeBytes(value, at);
  }
}

/** Writes bytes and the 0 that ends them; answers where it ended. */
function writeBytes(bytes: ArrayBuffer, at: usize): usize {
  memory.copy(at, changetype<usize>(bytes), bytes.byteLength);
  const end = at + bytes.byteLength;
  store<u8>(end, 0);
  return end + 1;
}

/** The inverse; what a host cut off is left out. */
export function deserializeHeaders(pairs: ArrayBuffer): Headers {
  const headers: Headers = [];
  const size = <u32>pairs.byteLength;
  if (size < 4) return headers;
  const start = changetype<usize>(pairs);
  const count = load<u32>(start);
  if (<u64>count * 8 + 4 > <u64>size) return headers;
  let at = 4 + count * 8;
  for (let i: u32 = 0; i < count; i++) {
    const keySize = load<u32>(start + 4 + i * 8);
    const valueSize = load<u32>(start + 8 + i * 8);
    if (<u64>at + keySize + valueSize + 2 > <u64>size) break;
    const key = pairs.slice(at, at + keySize);
    at += keySize + 1;
    headers.push(new HeaderPair(key, pairs.slice(at, at + valueSize)));
    at += valueSize + 1;
  }
  return headers;
}

export function add_header_map_value(typ: HeaderMapTypeValues, key: ArrayBuffer, value: ArrayBuffer): WasmResultValues {
  contextChanged();
  return proxy_add_header_map_value(typ, changetype<usize>(key), key.byteLength, changetype<usize>(value), value.byteLength);
}

export function add_header_map_value_string(typ: HeaderMapTypeValues, key: string, value: string): WasmResultValues {
  contextChanged();
  const name = textSlice(key);
  const bytes = textSlice(value);
  return proxy_add_header_map_value(typ, slicePointer(name), sliceLength(name), slicePointer(bytes), sliceLength(bytes));
}

/** Leaves the first value of a header in OUT; false when there is none. */
function ask(typ: HeaderMapTypeValues, name: usize, size: u32): bool {
  if (hasPassed(typ)) return findKept(typ, name, size);
  const status = proxy_get_header_map_value(typ, name, size, OUT, OUT_SIZE);
  // A map that has passed is no argument for the host.
  if (status != WasmResultValues.BadArgument) return status == WasmResultValues.Ok;
  notePassed(typ);
  return findKept(typ, name, size);
}

/** Leaves all headers in OUT; false when there is no such map. */
function askPairs(typ: HeaderMapTypeValues): bool {
  if (hasPassed(typ)) return findKeptPairs(typ);
  if (proxy_get_header_map_pairs(typ, OUT, OUT_SIZE) != 0) return false;
  return load<u32>(OUT_SIZE) > 4 || !hasKept(typ) || findKeptPairs(typ);
}

/** Empty when there is no such header. */
export function get_header_map_value(typ: HeaderMapTypeValues, key: ArrayBuffer): ArrayBuffer {
  return ask(typ, changetype<usize>(key), key.byteLength) ? takeBytes() : noBytes();
}

/** Empty when there is no such header. */
export function get_header_map_value_string(typ: HeaderMapTypeValues, key: string): string {
  return askText(typ, key);
}

/** The same for compat itself: the build looks for the calls of a filter. */
export function askText(typ: HeaderMapTypeValues, key: string): string {
  const name = textSlice(key);
  return ask(typ, slicePointer(name), sliceLength(name)) ? takeText() : "";
}

/** Sets a header, also one that is not there yet. */
export function replace_header_map_value(typ: HeaderMapTypeValues, key: ArrayBuffer, value: ArrayBuffer): void {
  contextChanged();
  const status = proxy_replace_header_map_value(typ, changetype<usize>(key), key.byteLength, changetype<usize>(value), value.byteLength);
  if (status != 0) complain("replace_header_map_value", status);
}

/** Sets a header, also one that is not there yet. */
export function replace_header_map_value_string(typ: HeaderMapTypeValues, key: string, value: string): void {
  contextChanged();
  const name = textSlice(key);
  const bytes = textSlice(value);
  const status = proxy_replace_header_map_value(typ, slicePointer(name), sliceLength(name), slicePointer(bytes), sliceLength(bytes));
  if (status != 0) complain("replace " + key, status);
}

export function remove_header_map_value(typ: HeaderMapTypeValues, key: ArrayBuffer): void {
  contextChanged();
  const status = proxy_remove_header_map_value(typ, changetype<usize>(key), key.byteLength);
  if (status != 0) complain("remove_header_map_value", status);
}

export function remove_header_map_value_string(typ: HeaderMapTypeValues, key: string): void {
  contextChanged();
  const name = textSlice(key);
  const status = proxy_remove_header_map_value(typ, slicePointer(name), sliceLength(name));
  if (status != 0) complain("remove " + key, status);
}

/** In bytes. */
export function get_header_map_size(typ: HeaderMapTypeValues): usize {
  if (proxy_get_header_map_size(typ, OUT) == 0) return <usize>load<u32>(OUT);
  return findKeptPairs(typ) ? <usize>load<u32>(OUT_SIZE) : 0;
}

export function get_header_map_flat_pairs(typ: HeaderMapTypeValues): ArrayBuffer {
  return askPairs(typ) ? takeBytes() : noBytes();
}

export function get_header_map_pairs(typ: HeaderMapTypeValues): Headers {
  return deserializeHeaders(get_header_map_flat_pairs(typ));
}

export function set_header_map_flat_pairs(typ: HeaderMapTypeValues, flat_headers: ArrayBuffer): void {
  setPairs(typ, changetype<usize>(flat_headers), flat_headers.byteLength);
}

export function set_header_map_pairs(typ: HeaderMapTypeValues, headers: Headers): void {
  const pairs = pairsSlice(headers);
  setPairs(typ, slicePointer(pairs), sliceLength(pairs));
}

function setPairs(typ: HeaderMapTypeValues, pairs: usize, size: u32): void {
  contextChanged();
  const status = proxy_set_header_map_pairs(typ, pairs, size);
  if (status != 0) complain("set_header_map_pairs", status);
}

/** The headers, or the trailers, of one direction. */
export class HeaderStreamManipulator {
  /** Reads the headers as a whole where that is cheaper. */
  private readonly map: HeaderMap;

  constructor(public typ: HeaderMapTypeValues) {
    this.map = mapOf(typ);
  }

  add(key: string, value: string): void {
    const status = this.map.add(key, value);
    if (status != 0 && !this.defer(status, ExtraKind.Add, key, value)) complain("add " + key, status);
  }

  /** Sets a header, also one that is not there yet. */
  replace(key: string, value: string): void {
    const status = this.map.set(key, value);
    if (status != 0 && !this.defer(status, ExtraKind.Replace, key, value)) complain("replace " + key, status);
  }

  /** The first value; "" when there is none. */
  get(key: string): string {
    // Most likely it has passed.
    if (hasKept(this.typ)) return askText(this.typ, key);
    // It is kept as a whole anyway.
    if (isKept(this.typ)) this.map.readWhole();
    const value = this.map.get(key);
    if (value != null) return value;
    if (defersResponse) {
      const deferred = this.typ == HeaderMapTypeValues.ResponseHeaders ? deferredValue(key) : "";
      if (deferred != "") return deferred;
    }
    return "";
  }

  remove(key: string): void {
    const status = this.map.remove(key);
    if (status != 0 && !this.defer(status, ExtraKind.Remove, key, "")) complain("remove " + key, status);
  }

  /** Puts a write off until there is a response. */
  private defer(status: WasmResultValues, write: ExtraKind, key: string, value: string): bool {
    if (defersResponse) {
      if (this.typ == HeaderMapTypeValues.ResponseHeaders && status == WasmResultValues.BadArgument) return defer(write, key, value);
    }
    return false;
  }

  /** All of them, as bytes. */
  get_headers(): Headers {
    return deserializeHeaders(askPairs(this.typ) ? takeBytes() : noBytes());
  }

  /** Replaces all of them. */
  set_headers(headers: Headers): void {
    set_header_map_pairs(this.typ, headers);
  }
}

export class HeaderMapManipulator {
  constructor(
    public request: HeaderStreamManipulator,
    public response: HeaderStreamManipulator,
    /** Of the answer to an HTTP call; valid in its callback. */
    public http_callback: HeaderStreamManipulator,
  ) {}
}

export class StreamContext {
  constructor(
    public headers: HeaderMapManipulator,
    public trailers: HeaderMapManipulator,
  ) {}
}

/** The stream that the current callback is for. */
export const stream_context: StreamContext = new StreamContext(
  new HeaderMapManipulator(
    new HeaderStreamManipulator(HeaderMapTypeValues.RequestHeaders),
    new HeaderStreamManipulator(HeaderMapTypeValues.ResponseHeaders),
    new HeaderStreamManipulator(HeaderMapTypeValues.HttpCallResponseHeaders),
  ),
  new HeaderMapManipulator(
    new HeaderStreamManipulator(HeaderMapTypeValues.RequestTrailers),
    new HeaderStreamManipulator(HeaderMapTypeValues.ResponseTrailers),
    new HeaderStreamManipulator(HeaderMapTypeValues.HttpCallResponseTrailers),
  ),
);

/** Writes what callbacks of the request wrote to the response, which comes now. */
export function writeDeferred(): void {
  if (defersResponse) {
    addExtra(ExtraKind.Answered, "", "");
    let each = firstExtra();
    while (each != null) {
      writeNow(each);
      each = each.next;
    }
  }
}

function writeNow(each: Extra): void {
  const response = stream_context.headers.response;
  if (each.kind == ExtraKind.Add) response.add(each.name, each.value);
  else if (each.kind == ExtraKind.Replace) response.replace(each.name, each.value);
  else if (each.kind == ExtraKind.Remove) response.remove(each.name);
}
