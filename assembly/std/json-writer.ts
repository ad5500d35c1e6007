/**
 * Writes JSON (RFC 8259) that is well-formed whatever the values are: text is escaped, what is no text becomes U+FFFD, a number that JSON has
 * no spelling for becomes null.
 */
import { copyOf, withRoom } from "./growing-bytes";
import { JsonParser, JsonType, JsonValue, MAX_DEPTH } from "./json";
import { ABSENT, Slice, sliceLength, sliceOf, slicePointer } from "./slice";
import { decodeAt, decodeUtf8, encodePoint, encodeUtf8, pointAt, utf8Length } from "./utf8";

const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const COLON: u8 = 58;
const BACKSLASH: u8 = 92;
const BRACE: u8 = 123;
const BRACKET: u8 = 91;
/** From the beginning of an array or object to its end. */
const CLOSING: u8 = 2;
/** All integers up to this are numbers of their own. */
const MAX_SAFE_INTEGER: f64 = 9007199254740991;

/**
 * Writes one JSON document (RFC 8259). Keys and values come in the order of the document, and each method but `raw` returns the writer:
 *
 * ```ts
 * const body = new JsonWriter().beginObject().key("error").string(reason).key("status").integer(401).endObject().toString();
 * ```
 *
 * Whatever the values hold, what comes out is well-formed: text from the network is escaped, and absent text is null. Calls that make no
 * document (a value in an object without a key, an end without its beginning, a document that is not complete) are a bug of the filter:
 * the writer throws an error that says what it expected, as everywhere for a bug. Keys are not compared: one that is written twice stands
 * there twice.
 */
export class JsonWriter {
  private bytes: StaticArray<u8> = new StaticArray<u8>(64);
  private size: i32 = 0;
  /** What began and has not ended, outermost first: `{` or `[`. */
  private readonly begun: u8[] = [];
  /** Whether the innermost has something in it. */
  private filled: bool = false;
  /** Whether a key waits for its value. */
  private keyed: bool = false;
  private complete: bool = false;

  /** Begins an object, as a value. */
  beginObject(): JsonWriter {
    return this.begin(BRACE);
  }

  /** Ends the object that began last. */
  endObject(): JsonWriter {
    return this.end(BRACE);
  }

  /** Begins an array, as a value. */
  beginArray(): JsonWriter {
    return this.begin(BRACKET);
  }

  /** Ends the array that began last. */
  endArray(): JsonWriter {
    return this.end(BRACKET);
  }

  /** The key of the value that comes next, in an object. */
  key(name: string): JsonWriter {
    if (this.within() != BRACE || this.keyed) misuse("key() in an object, and one for each value");
    this.separate();
    this.quoted(name);
    this.put(COLON);
    this.keyed = true;
    return this;
  }

  /** A string; null when `value` is. A lone surrogate becomes U+FFFD. */
  string(value: string | null): JsonWriter {
    if (value == null) return this.null();
    this.beforeValue();
    this.quoted(value);
    return this.afterValue();
  }

  /** A string from UTF-8, as headers have it; null when `value` is `ABSENT`. What is no UTF-8 becomes U+FFFD. */
  stringView(value: Slice): JsonWriter {
    if (value == ABSENT) return this.null();
    this.beforeValue();
    this.put(QUOTE);
    for (let at = slicePointer(value), end = at + sliceLength(value); at < end; ) {
      const c = decodeAt(at, end);
      this.character(c & 0xffffff);
      at += c >> 24;
    }
    this.put(QUOTE);
    return this.afterValue();
  }

  /** A whole number. Beyond 2^53 many readers, JavaScript's among them, round it; write such a number as a string for them. */
  integer(value: i64): JsonWriter {
    this.beforeValue();
    if (value < 0) this.put(45);
    this.digits(<u64>(value < 0 ? -value : value));
    return this.afterValue();
  }

  /** A whole number that is not negative, such as nanoseconds; see `integer` for those beyond 2^53. */
  unsigned(value: u64): JsonWriter {
    this.beforeValue();
    this.digits(value);
    return this.afterValue();
  }

  /** A number, in digits that read as the same number; null for NaN and infinities, which JSON does not have. */
  number(value: f64): JsonWriter {
    if (!isFinite(value)) return this.null();
    if (Math.floor(value) == value && Math.abs(value) <= MAX_SAFE_INTEGER) return this.integer(<i64>value);
    return this.spelled(value.toString());
  }

  /** `true` or `false`. */
  boolean(value: bool): JsonWriter {
    return this.spelled(value ? "true" : "false");
  }

  /** `null`. */
  null(): JsonWriter {
    return this.spelled("null");
  }

  /**
   * What `JsonParser` read, or a filter put together; null when `value` is. A number keeps the spelling that was read while that means the
   * number. More than 64 levels are a bug of the filter, which the parser never makes.
   */
  value(value: JsonValue | null): JsonWriter {
    return this.valueAt(value, 0);
  }

  /**
   * A value that is JSON already, as it stands. False when `json` is no document that `JsonParser` takes, in whose place there is null then.
   */
  raw(json: string): bool {
    const valid = new JsonParser(json).parse() != null;
    this.spelled(valid ? json : "null");
    return valid;
  }

  /** The document as UTF-8, as a view that is valid until the callback returns. */
  get view(): Slice {
    this.expectComplete();
    return sliceOf(changetype<usize>(this.bytes), this.size);
  }

  /** The document as UTF-8, for a body. */
  toBytes(): Uint8Array {
    this.expectComplete();
    return copyOf(this.bytes, this.size);
  }

  /** The document as text. */
  toString(): string {
    this.expectComplete();
    return decodeUtf8(changetype<usize>(this.bytes), this.size);
  }

  private expectComplete(): void {
    if (!this.complete) misuse("a document that is complete: a value, and an end for each beginning");
  }

  /** The innermost of what began, 0 outside. */
  private within(): u8 {
    return this.begun.length == 0 ? 0 : this.begun[this.begun.length - 1];
  }

  private begin(bracket: u8): JsonWriter {
    this.beforeValue();
    this.put(bracket);
    this.begun.push(bracket);
    this.filled = false;
    return this;
  }

  private end(bracket: u8): JsonWriter {
    if (this.within() != bracket || this.keyed) {
      misuse(bracket == BRACE ? "endObject() in an object, behind a value" : "endArray() in an array");
    }
    this.begun.pop();
    this.put(bracket + CLOSING);
    return this.afterValue();
  }

  private beforeValue(): void {
    if (this.complete) misuse("one value outside of arrays and objects");
    if (this.within() == BRACE) {
      if (!this.keyed) misuse("key() before each value of an object");
      this.keyed = false;
    } else this.separate();
  }

  private afterValue(): JsonWriter {
    this.filled = true;
    this.complete = this.begun.length == 0;
    return this;
  }

  private separate(): void {
    if (this.filled) this.put(COMMA);
  }

  private valueAt(value: JsonValue | null, depth: i32): JsonWriter {
    if (value == null) return this.null();
    switch (value.type) {
      case JsonType.Null:
        return this.null();
      case JsonType.Boolean:
        return this.boolean(value.boolean);
      case JsonType.Number:
        return spells(value.text, value.number) ? this.spelled(value.text) : this.number(value.number);
      case JsonType.String:
        return this.string(value.text);
    }
    if (depth == MAX_DEPTH) misuse("at most 64 levels in a JsonValue");
    const isObject = value.type == JsonType.Object;
    if (isObject && value.keys.length != value.items.length) misuse("as many keys as items in a JsonValue");
    this.begin(isObject ? BRACE : BRACKET);
    for (let i = 0; i < value.items.length; i++) {
      if (isObject) this.key(value.keys[i]);
      this.valueAt(value.items[i], depth + 1);
    }
    return this.end(isObject ? BRACE : BRACKET);
  }

  /** A value that is JSON. */
  private spelled(json: string): JsonWriter {
    this.beforeValue();
    encodeUtf8(json, this.grow(<i32>utf8Length(json)));
    return this.afterValue();
  }

  private quoted(text: string): void {
    this.put(QUOTE);
    const end = changetype<usize>(text) + ((<usize>text.length) << 1);
    for (let at = changetype<usize>(text); at < end; ) {
      const point = pointAt(at, end);
      this.character(point);
      at += point > 0xffff ? 4 : 2;
    }
    this.put(QUOTE);
  }

  /** A character of a string, as an escape where it needs one (section 7). */
  private character(point: u32): void {
    if (point == QUOTE || point == BACKSLASH) this.put(BACKSLASH);
    else if (point < 32) return this.control(point);
    const room = this.grow(4);
    this.size += <i32>encodePoint(point, room) - 4;
  }

  private control(point: u32): void {
    const at = "\b\t\n\f\r".indexOf(String.fromCharCode(point));
    this.put(BACKSLASH);
    if (at >= 0) return this.put(<u8>"btnfr".charCodeAt(at));
    const out = this.grow(5);
    store<u32>(out, 0x30303075);
    store<u8>(out, 48 + (point >> 4), 3);
    store<u8>(out, (point & 15) + ((point & 15) < 10 ? 48 : 87), 4);
  }

  private digits(value: u64): void {
    let count = 1;
    for (let rest = value / 10; rest != 0; rest /= 10) count++;
    for (let at = this.grow(count) + count - 1; count > 0; count--) {
      store<u8>(at--, 48 + <u8>(value % 10));
      value /= 10;
    }
  }

  private put(byte: u8): void {
    store<u8>(this.grow(1), byte);
  }

  /** Makes room for `more` bytes and answers where they go. */
  private grow(more: i32): usize {
    const needed = this.size + more;
    this.bytes = withRoom(this.bytes, this.size, needed);
    const at = changetype<usize>(this.bytes) + this.size;
    this.size = needed;
    return at;
  }
}

/** Whether `text` is JSON for `number`: a filter may have changed either. */
function spells(text: string, number: f64): bool {
  const value = new JsonParser(text).parse();
  return value != null && value.type == JsonType.Number && value.number == number;
}

function misuse(expected: string): void {
  throw new Error("JsonWriter: expected " + expected);
}
