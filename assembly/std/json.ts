/**
 * A JSON reader (RFC 8259) for configurations: strict, with the line and column of a mistake, and bounded in depth so that no
 * input can exhaust the stack.
 */

import { decimal } from "./decimal";
import { hexDigit } from "./hex-bytes";
import { repeated } from "./repeated";

const HEX_DIGITS = "0123456789ABCDEF";

/** What a value is. */
export enum JsonType {
  Null,
  Boolean,
  Number,
  String,
  Array,
  Object,
}

/** So many keys of an object are compared one by one, with the place of the one that is there twice in the error; else it is the object's. */
const FEW_KEYS: i32 = 32;

/** Set by who reads what may be long. A module that reads configurations only is without the sorting. */
let sortsKeys: bool = false;

/** Far beyond what a number can tell apart, and so far below infinity that ten times as much is none. */
const MOST_DIGITS: f64 = 1e290;

/** More levels are refused. */
export const MAX_DEPTH: i32 = 64;

/** One value of a document. Only the field that belongs to `type` means something. */
export class JsonValue {
  /** The value of a boolean. */
  boolean: bool = false;
  /** The value of a number. */
  number: f64 = 0;
  /** The text of a string; the spelling of a number, of a boolean and of null. */
  text: string = "";
  /** The items of an array; the values of an object. */
  items: JsonValue[] = [];
  /** Parallel to `items`, for an object; a key stands once. */
  keys: string[] = [];

  constructor(
    /** Which of the fields means something. */
    readonly type: JsonType,
  ) {}

  /** The member `key` of an object, or null when there is none or this is no object. */
  member(key: string): JsonValue | null {
    const at = this.keys.indexOf(key);
    return at < 0 ? null : this.items[at];
  }

  /** What an error message calls this value: `number 5`, `string "x"`, `array`. */
  describe(): string {
    switch (this.type) {
      case JsonType.Null:
      case JsonType.Boolean:
        return this.text;
      case JsonType.Number:
        return "number " + this.text;
      case JsonType.String:
        return 'string "' + shortened(this.text) + '"';
      case JsonType.Array:
        return "array";
      default:
        return "object";
    }
  }
}

/** At most 40 units for a line of a log, without control characters. */
function shortened(text: string): string {
  let line = "";
  for (let i = 0; i < text.length && i < 40; i++) line += text.charCodeAt(i) < 32 ? " " : text.charAt(i);
  return text.length > 40 ? line + "…" : line;
}

/** Reads one document. After `parse()`, either the value or `error` is there. */
export class JsonParser {
  private at: i32 = 0;
  private digitsValue: f64 = 0;
  private dropped: i32 = 0;
  private depth: i32 = 0;
  /** What is wrong and where (`line 2, column 5: expected a value`), or "" when nothing is. */
  error: string = "";

  /** `isTrusted` is a configuration: it is short, or who wrote it waits for it. */
  constructor(
    private readonly text: string,
    isTrusted: bool = false,
  ) {
    if (!isTrusted) sortsKeys = true;
  }

  /** Whether there is nothing but white space. */
  isBlank(): bool {
    this.space();
    return this.peek() < 0;
  }

  /** The document's value, or null and `error` is set. */
  parse(): JsonValue | null {
    const value = this.value();
    if (value == null) return null;
    if (!this.isBlank()) return this.fail("expected the end of the document");
    return value;
  }

  private fail(expected: string): JsonValue | null {
    if (this.error.length > 0) return null;
    let line = 1;
    let column = 1;
    for (let i = 0; i < this.at; i++) {
      if (this.text.charCodeAt(i) == 10) {
        line++;
        column = 1;
      } else column++;
    }
    this.error = "line " + decimal(line) + ", column " + decimal(column) + ": " + expected + ", found " + this.found();
    return null;
  }

  /** What an error message calls the character at fault. A control character goes by its number: the message is one line. */
  private found(): string {
    const unit = this.peek();
    if (unit < 0) return "the end";
    if (unit < 32 || (unit >= 127 && unit < 160)) return "U+00" + HEX_DIGITS.charAt(unit >> 4) + HEX_DIGITS.charAt(unit & 15);
    // A high surrogate has the low one behind it.
    return "'" + this.text.substring(this.at, this.at + ((unit & 0xfc00) == 0xd800 ? 2 : 1)) + "'";
  }

  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private space(): void {
    while (this.skip(32) || this.skip(10) || this.skip(13) || this.skip(9)) {}
  }

  /** Goes beyond the character `c`, if it is the next one. */
  private skip(c: i32): bool {
    if (this.peek() != c) return false;
    this.at++;
    return true;
  }

  /** The same behind white space. */
  private take(c: i32): bool {
    this.space();
    return this.skip(c);
  }

  private value(): JsonValue | null {
    this.space();
    const c = this.peek();
    if (c == 123 || c == 91) {
      if (this.depth == MAX_DEPTH) return this.fail("expected at most 64 levels");
      this.depth++;
      const value = c == 123 ? this.object() : this.array();
      this.depth--;
      return value;
    }
    if (c == 34) {
      const value = new JsonValue(JsonType.String);
      if (!this.string(value)) return null;
      return value;
    }
    if (c == 45 || (c >= 48 && c <= 57)) return this.number();
    if (c == 116) return this.word("true", JsonType.Boolean);
    if (c == 102) return this.word("false", JsonType.Boolean);
    return this.word("null", JsonType.Null);
  }

  private word(word: string, type: JsonType): JsonValue | null {
    if (this.text.substr(this.at, word.length) != word) return this.fail("expected a value");
    this.at += word.length;
    const value = new JsonValue(type);
    value.boolean = word.charCodeAt(0) == 116;
    value.text = word;
    return value;
  }

  private object(): JsonValue | null {
    const value = new JsonValue(JsonType.Object);
    const open = this.at++;
    if (this.take(125)) return value;
    while (true) {
      this.space();
      const start = this.at;
      if (this.peek() != 34) return this.fail("expected a key");
      const key = new JsonValue(JsonType.String);
      if (!this.string(key)) return null;
      // Compared with all before while they are few; then all at once, at the end.
      if ((!sortsKeys || value.keys.length < FEW_KEYS) && value.keys.includes(key.text)) return this.twice(key.text, start);
      if (!this.take(58)) return this.fail("expected ':'");
      const item = this.value();
      if (item == null) return null;
      value.keys.push(key.text);
      value.items.push(item);
      if (this.take(125)) return sortsKeys && value.keys.length > FEW_KEYS ? this.eachOnce(value, open) : value;
      if (!this.take(44)) return this.fail("expected ',' or '}'");
    }
  }

  /** The object that began at `open`, if none of its keys is there twice. */
  private eachOnce(value: JsonValue, open: i32): JsonValue | null {
    const key = repeated(value.keys);
    return key == null ? value : this.twice(key, open);
  }

  private twice(key: string, at: i32): JsonValue | null {
    this.at = at;
    return this.fail('expected each key once, "' + shortened(key) + '" is there twice');
  }

  private array(): JsonValue | null {
    const value = new JsonValue(JsonType.Array);
    this.at++;
    if (this.take(93)) return value;
    while (true) {
      const item = this.value();
      if (item == null) return null;
      value.items.push(item);
      if (this.take(93)) return value;
      if (!this.take(44)) return this.fail("expected ',' or ']'");
    }
  }

  private string(into: JsonValue): bool {
    const from = ++this.at;
    let c = this.plain();
    if (c == 34) into.text = this.text.substring(from, this.at);
    else {
      // With escapes it is never longer than what is written. Filled in place: joined piece by piece, 100 kB of escapes would leave gigabytes.
      const room = this.closingQuote() - from;
      const text = changetype<string>(__new((<usize>room) << 1, idof<string>()));
      const start = changetype<usize>(text);
      let out = this.copied(from, start);
      while (c == 92) {
        this.at++;
        const escaped = this.escape();
        if (escaped < 0) return false;
        store<u16>(out, <u16>escaped);
        const rest = this.at;
        c = this.plain();
        out = this.copied(rest, out + 2);
      }
      into.text = text.substring(0, <i32>((out - start) >> 1));
    }
    if (c < 0) this.fail("expected '\"'");
    else if (c < 32) this.fail("expected no control character in a string");
    this.at++;
    return c == 34;
  }

  /** Goes on to the first character of a string that does not stand for itself, and answers it; -1 at the end of the document. */
  private plain(): i32 {
    let c = this.peek();
    while (c >= 32 && c != 34 && c != 92) {
      this.at++;
      c = this.peek();
    }
    return c;
  }

  /** Where the string ends in which this is, or the document. */
  private closingQuote(): i32 {
    let at = this.at;
    while (at < this.text.length && this.text.charCodeAt(at) != 34) at += this.text.charCodeAt(at) == 92 ? 2 : 1;
    return min(at, this.text.length);
  }

  /** Writes what is between `from` and here to `out`, and answers where it ends. */
  private copied(from: i32, out: usize): usize {
    const size = (<usize>(this.at - from)) << 1;
    memory.copy(out, changetype<usize>(this.text) + ((<usize>from) << 1), size);
    return out + size;
  }

  /** What follows a backslash, as a UTF-16 unit; -1 and `error` when it is no escape. */
  private escape(): i32 {
    const c = this.peek();
    if (c == 117) {
      let unit = 0;
      this.at++;
      for (let i = 0; i < 4; i++) {
        const digit = hexDigit(this.peek());
        if (digit < 0) {
          this.fail("expected \\u and four hexadecimal digits");
          return -1;
        }
        unit = (unit << 4) | digit;
        this.at++;
      }
      return unit;
    }
    const at = '"\\/bfnrt'.indexOf(this.text.charAt(this.at));
    if (c < 0 || at < 0) {
      this.fail("expected an escape");
      return -1;
    }
    this.at++;
    return '"\\/\b\f\n\r\t'.charCodeAt(at);
  }

  /** Takes digits and adds them to `digitsValue`, as far as that has room; `dropped` counts the others. False when there is none. */
  private digits(): bool {
    const start = this.at;
    for (let c = this.peek(); c >= 48 && c <= 57; c = this.peek()) {
      if (this.digitsValue < MOST_DIGITS) this.digitsValue = this.digitsValue * 10 + <f64>(c - 48);
      else this.dropped++;
      this.at++;
    }
    return this.at > start;
  }

  private number(): JsonValue | null {
    const start = this.at;
    const negative = this.skip(45);
    this.digitsValue = 0;
    this.dropped = 0;
    if (!this.skip(48) && !this.digits()) return this.fail("expected a digit");
    let scale = 0;
    if (this.skip(46)) {
      scale = this.at;
      if (!this.digits()) return this.fail("expected a digit");
      scale -= this.at;
    }
    scale += this.dropped;
    let number = this.digitsValue;
    if (this.skip(69) || this.skip(101)) {
      const minus = this.skip(45);
      if (!minus) this.skip(43);
      this.digitsValue = 0;
      if (!this.digits()) return this.fail("expected a digit");
      // Beyond this there is nothing but zero and infinity.
      const exponent = <i32>min<f64>(this.digitsValue, 9999);
      scale += minus ? -exponent : exponent;
    }
    number = scaled(number, scale);
    const value = new JsonValue(JsonType.Number);
    value.text = this.text.substring(start, this.at);
    value.number = negative ? -number : number;
    return value;
  }
}

/**
 * `number` times 10 to the power of `scale`: exact for up to 15 digits and a scale from -22 to 22, where one division or multiplication
 * rounds once; beyond that within a few units of the last place, which is enough for a configuration.
 */
function scaled(number: f64, scale: i32): f64 {
  while (scale != 0) {
    // 10 to the power of 22 is the last that is exact.
    const step = min(abs(scale), 22);
    let power: f64 = 1;
    for (let i = 0; i < step; i++) power *= 10;
    if (scale > 0) number *= power;
    else number /= power;
    scale -= scale > 0 ? step : -step;
  }
  return number;
}
