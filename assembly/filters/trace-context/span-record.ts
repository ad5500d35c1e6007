/**
 * One span as OTLP has it (opentelemetry/proto/trace/v1/trace.proto), written field by field into memory that the next span overwrites.
 */
import { hexValue, readHexBytes } from "../../std/hex";
import { ABSENT, presentSlice, Slice, sliceLength, slicePart, slicePointer } from "../../std/slice";
import { cleanText, encodeUtf8, isPlainText, utf8Length } from "../../std/utf8";
import { lengthSize, writeLength } from "./batch";

/** Room for one span; an attribute for which there is none is left out, and counted in `dropped_attributes_count`. */
const CAPACITY: u32 = 16384;
const BUFFER: usize = memory.data(16384, 8);
/** Left for what `finish` writes behind the attributes. */
const RESERVE: u32 = 256;

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const BYTES: u32 = 2;
const FIXED32: u32 = 5;

// Fields of Span, KeyValue, AnyValue, Link and Status.
const TRACE_ID: u32 = 1;
const SPAN_ID: u32 = 2;
const PARENT_SPAN_ID: u32 = 4;
const NAME: u32 = 5;
const KIND: u32 = 6;
const START: u32 = 7;
const END: u32 = 8;
const ATTRIBUTES: u32 = 9;
const DROPPED_ATTRIBUTES: u32 = 10;
const LINKS: u32 = 13;
const STATUS: u32 = 15;
const FLAGS: u32 = 16;
const STATUS_CODE: u32 = 3;
const STATUS_ERROR: u8 = 2;

/** What kind of work a span is. */
export namespace SpanKind {
  export const Auto: u32 = 0;
  export const Server: u32 = 2;
  export const Client: u32 = 3;
}

let at: usize = BUFFER;
let dropped: u32 = 0;

/** Goes on with a span that was kept as `begun()`: what is written from now on stands behind that. */
export function resume(): void {
  at = BUFFER;
}

/** Begins a span. `traceparent` is the one that goes on: it holds the trace, and the span's own id. */
export function begin(traceparent: Slice, parentId: Slice, name: Slice, kind: u32, startNs: u64): void {
  at = BUFFER;
  dropped = 0;
  binary(TRACE_ID, slicePart(traceparent, 3, 35));
  binary(SPAN_ID, slicePart(traceparent, 36, 52));
  if (parentId != ABSENT) binary(PARENT_SPAN_ID, parentId);
  bytes(NAME, name);
  tag(KIND, VARINT);
  store<u8>(at++, <u8>kind);
  tag(START, FIXED64);
  store<u64>(at, startNs);
  at += 8;
  tag(FLAGS, FIXED32);
  store<u32>(at, hexByte(slicePointer(traceparent) + 53));
  at += 4;
}

/**
 * What an attribute of this name begins with: key, and the tag of its value. Encoded once, because it is the same in every span.
 *
 *   [ tag of key | length | name | tag of value ]
 */
export function attributeKey(name: string): StaticArray<u8> {
  const length = utf8Length(name);
  const size = 1 + lengthSize(length) + length;
  const key = new StaticArray<u8>(size + 1);
  const start = changetype<usize>(key);
  store<u8>(start, (1 << 3) | BYTES);
  encodeUtf8(name, writeLength(start + 1, length));
  store<u8>(start + size, (2 << 3) | BYTES);
  return key;
}

/** An attribute with text, as clean text of at most `limit` bytes; an absent value is none. */
export function textAttribute(key: StaticArray<u8>, value: Slice, limit: u32): void {
  if (value == ABSENT) return;
  const plain = sliceLength(value) <= limit && isPlainText(slicePointer(value), sliceLength(value));
  // A bad byte becomes the three of U+FFFD.
  const worst = min(sliceLength(value) * 3, limit);
  const size = key.length + worst + 24;
  if (at + size + RESERVE > BUFFER + CAPACITY) {
    dropped++;
    return;
  }
  // What has to be cleaned is written behind the attribute first, because its length comes before it.
  const text = plain ? slicePointer(value) : at + size;
  const length = plain ? sliceLength(value) : cleanText(slicePointer(value), sliceLength(value), text, worst);
  beginAttribute(key, 1 + lengthSize(length) + length);
  store<u8>(at, (1 << 3) | BYTES);
  at = writeLength(at + 1, length);
  append(text, length);
}

/** An attribute with a number from 0 to 2^31. */
export function numberAttribute(key: StaticArray<u8>, value: u32): void {
  beginAttribute(key, 1 + lengthSize(value));
  store<u8>(at, (3 << 3) | VARINT);
  at = writeLength(at + 1, value);
}

/** Tag and length of an attribute, its key, and the length of its value. */
function beginAttribute(key: StaticArray<u8>, valueSize: u32): void {
  store<u8>(at, (ATTRIBUTES << 3) | BYTES);
  at = writeLength(at + 1, key.length + lengthSize(valueSize) + valueSize);
  append(changetype<usize>(key), key.length);
  at = writeLength(at, valueSize);
}

/** A link to the span that a traceparent names. */
export function link(traceparent: Slice): void {
  tag(LINKS, BYTES);
  at = writeLength(at, 18 + 10);
  binary(1, slicePart(traceparent, 3, 35));
  binary(2, slicePart(traceparent, 36, 52));
}

/** The span so far; valid until the next one begins. */
export function begun(): Slice {
  if (dropped > 0) {
    tag(DROPPED_ATTRIBUTES, VARINT);
    at = writeLength(at, dropped);
  }
  return presentSlice(BUFFER, <u32>(at - BUFFER));
}

/** Ends the span: what stands behind `begun()`; valid until the next one begins. */
export function finish(endNs: u64, failed: bool): Slice {
  tag(END, FIXED64);
  store<u64>(at, endNs);
  at += 8;
  if (failed) {
    tag(STATUS, BYTES);
    at = writeLength(at, 2);
    tag(STATUS_CODE, VARINT);
    store<u8>(at++, STATUS_ERROR);
  }
  return presentSlice(BUFFER, <u32>(at - BUFFER));
}

function tag(field: u32, type: u32): void {
  at = writeLength(at, (field << 3) | type);
}

function bytes(field: u32, value: Slice): void {
  tag(field, BYTES);
  at = writeLength(at, sliceLength(value));
  append(slicePointer(value), sliceLength(value));
}

/** Some bytes, eight at a time: a call of `memory.copy` leaves the module, which costs more than most keys and values have bytes. */
function append(from: usize, length: u32): void {
  const to = at;
  at += length;
  if (length < 8) {
    for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
    return;
  }
  const last = length - 8;
  for (let i: u32 = 0; i < last; i += 8) store<u64>(to + i, load<u64>(from + i));
  // The end overlaps what is there already.
  store<u64>(to + last, load<u64>(from + last));
}

/** The 16 or 32 digits of an id as bytes, for a field below 16. */
function binary(field: u32, hex: Slice): void {
  const length = sliceLength(hex) >> 1;
  store<u8>(at, <u8>((field << 3) | BYTES));
  store<u8>(at, <u8>length, 1);
  readHexBytes(at + 2, slicePointer(hex), length >> 2);
  at += 2 + length;
}

/** Two digits, of those that a valid traceparent has. */
function hexByte(digits: usize): u32 {
  return (hexValue(load<u8>(digits)) << 4) | hexValue(load<u8>(digits, 1));
}
