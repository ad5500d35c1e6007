/**
 * One span as OTLP has it (opentelemetry/proto/trace/v1/trace.proto), written field by field into memory that the next span overwrites.
 */
import { hexValue } from "../../std/hex";
import { ABSENT, presentSlice, Slice, sliceLength, sliceOfBytes, slicePart, slicePointer } from "../../std/slice";
import { cleanText, isPlainText } from "../../std/utf8";
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

/** Begins a span with what a draft of it has so far. */
export function resume(draft: StaticArray<u8>): void {
  memory.copy(BUFFER, changetype<usize>(draft), draft.length);
  at = BUFFER + draft.length;
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
  const keySize = sized(key.length);
  const valueSize = sized(length);
  tag(ATTRIBUTES, BYTES);
  at = writeLength(at, keySize + sized(valueSize));
  bytes(1, sliceOfBytes(key));
  tag(2, BYTES);
  at = writeLength(at, valueSize);
  tag(1, BYTES);
  at = writeLength(at, length);
  append(text, length);
}

/** An attribute with a number from 0 to 2^31. */
export function numberAttribute(key: StaticArray<u8>, value: u32): void {
  const valueSize = 1 + lengthSize(value);
  tag(ATTRIBUTES, BYTES);
  at = writeLength(at, sized(key.length) + sized(valueSize));
  bytes(1, sliceOfBytes(key));
  tag(2, BYTES);
  at = writeLength(at, valueSize);
  tag(3, VARINT);
  at = writeLength(at, value);
}

/** A link to the span that a traceparent names. */
export function link(traceparent: Slice): void {
  tag(LINKS, BYTES);
  at = writeLength(at, 18 + 10);
  binary(1, slicePart(traceparent, 3, 35));
  binary(2, slicePart(traceparent, 36, 52));
}

/** The span so far as a copy, to go on with when the stream ends. */
export function draft(): StaticArray<u8> {
  if (dropped > 0) {
    tag(DROPPED_ATTRIBUTES, VARINT);
    at = writeLength(at, dropped);
  }
  const copy = new StaticArray<u8>(<i32>(at - BUFFER));
  memory.copy(changetype<usize>(copy), BUFFER, copy.length);
  return copy;
}

/** Ends the span; valid until the next one begins. */
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

/** Hexadecimal digits as bytes. */
function binary(field: u32, hex: Slice): void {
  const length = sliceLength(hex) >> 1;
  tag(field, BYTES);
  at = writeLength(at, length);
  for (let i: u32 = 0; i < length; i++) store<u8>(at++, <u8>hexByte(slicePointer(hex) + (i << 1)));
}

/** Two digits, of those that a valid traceparent has. */
function hexByte(digits: usize): u32 {
  return (hexValue(load<u8>(digits)) << 4) | hexValue(load<u8>(digits, 1));
}

/** A length-delimited field below 16 with `length` bytes: tag, length, bytes. */
function sized(length: u32): u32 {
  return 1 + lengthSize(length) + length;
}
