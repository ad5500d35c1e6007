/**
 * Reads a plugin configuration and collects what is wrong with it: each problem names key, found and expected, so that an operator
 * can mend the file without knowing the code.
 *
 * ```ts
 * const config = Config.parse("my-filter", text);
 * config.root.allow(["header", "limit"]);
 * const header = config.root.get("header").string("x-default");
 * const limit = config.root.get("limit").integer(10, 1, 100);
 * if (!config.ok) … config.problems
 * ```
 */
import { isTokenByte } from "./baggage";
import { decimal } from "./decimal";
import { JsonParser, JsonType, JsonValue } from "./json";

/** A configuration and what is wrong with it. */
export class Config {
  /** One line each: `my-filter: limit: expected an integer from 1 to 100, found number 500`. */
  readonly problems: string[] = [];
  private document: JsonValue | null = null;

  constructor(
    /** Stands before every problem. */
    readonly name: string,
  ) {}

  /** Parses JSON. No text at all is an empty object: a filter without configuration has its defaults. */
  static parse(name: string, text: string): Config {
    const config = new Config(name);
    const parser = new JsonParser(text, true);
    if (parser.isBlank()) {
      config.document = new JsonValue(JsonType.Object);
      return config;
    }
    config.document = parser.parse();
    if (config.document == null) config.problems.push(name + ": configuration is no JSON: " + parser.error);
    return config;
  }

  /** The document; absent when the text was no JSON. */
  get root(): ConfigValue {
    return new ConfigValue(this, "", this.document);
  }

  /** Whether nothing is wrong so far. */
  get ok(): bool {
    return this.problems.length == 0;
  }
}

/** One value of a configuration, present or not, with the path to it. */
export class ConfigValue {
  constructor(
    private readonly config: Config,
    /** From the root: `attributes[1].name`; "" for the root itself. */
    readonly path: string,
    /** The value; null when it is absent. */
    readonly json: JsonValue | null,
  ) {}

  /** Whether the configuration has this value. */
  get present(): bool {
    return this.json != null;
  }

  /** The type, or -1 when the value is absent. */
  get type(): i32 {
    const json = this.json;
    return json == null ? -1 : json.type;
  }

  /** Records a problem of this value: `<name>: <path>: expected <expected>, found <what is there>`. */
  expected(expected: string): void {
    const json = this.json;
    const path = this.path.length > 0 ? this.path : "configuration";
    this.config.problems.push(
      this.config.name + ": " + path + ": expected " + expected + ", found " + (json == null ? "nothing" : json.describe()),
    );
  }

  /** Records a problem in words of the caller's own. */
  problem(text: string): void {
    this.config.problems.push(this.config.name + ": " + (this.path.length > 0 ? this.path + ": " : "") + text);
  }

  /** The member `key`; absent when there is none. Call `allow` first. */
  get(key: string): ConfigValue {
    const json = this.json;
    const name = key.length > 0 ? key : '""';
    const path = this.path.length > 0 ? this.path + "." + name : name;
    return new ConfigValue(this.config, path, json == null ? null : json.member(key));
  }

  /** Checks that this is an object with no keys but these; absence is allowed. */
  allow(keys: string[]): bool {
    const json = this.json;
    if (json == null) return true;
    if (json.type != JsonType.Object) {
      this.expected("an object");
      return false;
    }
    for (let i = 0; i < json.keys.length; i++) {
      const key = json.keys[i];
      if (!keys.includes(key)) this.get(key).problem("unknown key; expected " + (keys.length > 1 ? "one of " : "") + keys.join(", "));
    }
    return true;
  }

  /** The keys of an object, in order; none when it is absent or no object, about which this does not complain: `allow` and `allowAny` do. */
  keys(): string[] {
    const json = this.json;
    return json == null ? [] : json.keys;
  }

  /** The items of an array; none when it is absent. */
  items(): ConfigValue[] {
    const json = this.json;
    const items: ConfigValue[] = [];
    if (json == null) return items;
    if (json.type != JsonType.Array) {
      this.expected("an array");
      return items;
    }
    for (let i = 0; i < json.items.length; i++) {
      items.push(new ConfigValue(this.config, this.path + "[" + decimal(i) + "]", json.items[i]));
    }
    return items;
  }

  /** A string, or `fallback` when it is absent. */
  string(fallback: string): string {
    const json = this.json;
    if (json == null) return fallback;
    if (json.type != JsonType.String) {
      this.expected("a string");
      return fallback;
    }
    return json.text;
  }

  /** A string that has to be there and has at least one character; "" when it does not, which is a problem. */
  required(): string {
    const json = this.json;
    if (json == null || json.type != JsonType.String || json.text.length == 0) {
      this.expected("a non-empty string");
      return "";
    }
    return json.text;
  }

  /** The name of a header, or of a pseudo-header such as `:path`; `fallback` when it is absent. */
  headerName(fallback: string): string {
    const json = this.json;
    if (json == null) return fallback;
    const text = json.type == JsonType.String ? json.text : "";
    const pseudo = text.startsWith(":") ? 1 : 0;
    let fits: bool = text.length > pseudo;
    for (let i = pseudo; i < text.length && fits; i++) fits = text.charCodeAt(i) < 0x7f && isTokenByte(text.charCodeAt(i));
    if (fits) return text;
    this.expected("a header name");
    return fallback;
  }

  /** One of `choices`, or the first of them when it is absent. */
  oneOf(choices: string[]): string {
    const json = this.json;
    if (json == null) return choices[0];
    if (json.type != JsonType.String || !choices.includes(json.text)) {
      this.expected('one of "' + choices.join('", "') + '"');
      return choices[0];
    }
    return json.text;
  }

  /** An integer within bounds, or `fallback` when it is absent. */
  integer(fallback: i32, min: i32, max: i32): i32 {
    const json = this.json;
    if (json == null) return fallback;
    if (json.type != JsonType.Number || json.number < <f64>min || json.number > <f64>max || Math.floor(json.number) != json.number) {
      this.expected("an integer from " + decimal(min) + " to " + decimal(max));
      return fallback;
    }
    return <i32>json.number;
  }

  /** A number within bounds, or `fallback` when it is absent. */
  number(fallback: f64, min: f64, max: f64): f64 {
    const json = this.json;
    if (json == null) return fallback;
    if (json.type == JsonType.Number && json.number >= min && json.number <= max) return json.number;
    this.expected("a number from " + shown(min) + " to " + shown(max));
    return fallback;
  }

  /** A boolean, or `fallback` when it is absent. */
  boolean(fallback: bool): bool {
    const json = this.json;
    if (json == null) return fallback;
    if (json.type != JsonType.Boolean) {
      this.expected("true or false");
      return fallback;
    }
    return json.boolean;
  }

  /** The keys of an object that may have any, in order, for tables that the operator fills; none when it is absent. What is no object is a problem. */
  allowAny(): string[] {
    const json = this.json;
    if (json != null && json.type != JsonType.Object) this.expected("an object");
    return this.keys();
  }
}

/** Letters, digits, ".", "_" and "-" only: what headers, cookies and Envoy's format strings take, none of which has an escape for more. */
export function isPlainName(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (!((c >= 48 && c <= 57) || ((c | 32) >= 97 && (c | 32) <= 122) || c == 46 || c == 95 || c == 45)) return false;
  }
  return true;
}

/** With up to nine decimals. `toString()` has an algorithm and tables that are more code than all else of a module's configuration. */
function shown(number: f64): string {
  const billionths = <i64>Math.round(Math.abs(number) * 1e9);
  let text = (number < 0 ? "-" : "") + decimal(billionths / 1_000_000_000);
  let rest = billionths % 1_000_000_000;
  if (rest > 0) text += ".";
  for (; rest > 0; rest = (rest * 10) % 1_000_000_000) text += decimal((rest * 10) / 1_000_000_000);
  return text;
}
