/** Bytes as text and back. All of it in memory that is valid until the callback returns. */
import { allocate, LARGEST } from "../abi/memory";
import { base64Room, readBase64, writeBase64 } from "../std/base64";
import { readHex, writeHex } from "../std/hex-bytes";
import { readPercentEncoded, UNRESERVED_HIGH, UNRESERVED_LOW, writePercentEncoded } from "../std/percent";
import { ABSENT, presentSlice, Slice, sliceLength } from "../std/slice";

/** Memory for the result; 0 when there is nothing to encode, or no memory. */
function roomFor(value: Slice, size: u64): usize {
  return value == ABSENT || size > LARGEST ? 0 : allocate(<u32>size);
}

/** `bytes` as Base64 (RFC 4648, section 4), with padding; `ABSENT` when `bytes` is, or when there is no memory. */
export function base64Encode(bytes: Slice): Slice {
  return encoded(bytes, false);
}

/** `bytes` as base64url (RFC 4648, section 5), without padding, as tokens and cookies have it; `ABSENT` when `bytes` is, or when there is no memory. */
export function base64UrlEncode(bytes: Slice): Slice {
  return encoded(bytes, true);
}

function encoded(bytes: Slice, url: bool): Slice {
  const out = roomFor(bytes, base64Room(sliceLength(bytes)));
  return out == 0 ? ABSENT : presentSlice(out, writeBase64(out, bytes, url));
}

/**
 * The bytes that Base64 stands for (RFC 4648, section 4). `ABSENT` when `text` is or is malformed: symbols of another alphabet, white space,
 * padding that is missing or too much, or unused bits that are not 0, which would be a second spelling of the same bytes.
 */
export function base64Decode(text: Slice): Slice {
  return decoded(text, false);
}

/** The same for base64url (RFC 4648, section 5), with its padding or without any. */
export function base64UrlDecode(text: Slice): Slice {
  return decoded(text, true);
}

function decoded(text: Slice, url: bool): Slice {
  const out = roomFor(text, sliceLength(text));
  return out == 0 ? ABSENT : unlessMalformed(out, readBase64(out, text, url));
}

function unlessMalformed(out: usize, size: i32): Slice {
  return size < 0 ? ABSENT : presentSlice(out, size);
}

/** `bytes` as hexadecimal digits in lower case; `ABSENT` when `bytes` is, or when there is no memory. */
export function hexEncode(bytes: Slice): Slice {
  const size = (<u64>sliceLength(bytes)) << 1;
  const out = roomFor(bytes, size);
  if (out == 0) return ABSENT;
  writeHex(out, bytes);
  return presentSlice(out, <u32>size);
}

/** The bytes that hexadecimal digits, in either case, stand for; `ABSENT` when `digits` is, has an odd number of them or anything else in it. */
export function hexDecode(digits: Slice): Slice {
  const size = sliceLength(digits) >> 1;
  const out = roomFor(digits, size);
  return out != 0 && readHex(out, digits) ? presentSlice(out, size) : ABSENT;
}

/**
 * `bytes` percent-encoded (RFC 3986, section 2.1): all but letters, digits and `-._~`, so that it can be any part of a URL. `ABSENT` when
 * `bytes` is, or when there is no memory.
 */
export function percentEncode(bytes: Slice): Slice {
  const out = roomFor(bytes, <u64>sliceLength(bytes) * 3);
  return out == 0 ? ABSENT : presentSlice(out, writePercentEncoded(out, bytes, UNRESERVED_LOW, UNRESERVED_HIGH));
}

/**
 * The bytes that a percent-encoded part of a URL stands for; `+` is a plus here, see `queryParameter`. `ABSENT` when `text` is, or has a `%`
 * without two hexadecimal digits behind it.
 */
export function percentDecode(text: Slice): Slice {
  const out = roomFor(text, sliceLength(text));
  return out == 0 ? ABSENT : unlessMalformed(out, readPercentEncoded(out, text));
}
