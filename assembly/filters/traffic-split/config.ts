import { cookieOf, HeaderMap, HeaderName, PluginContext, Properties, SPAN_ATTRIBUTE_PREFIX } from "../../sdk/index";
import { ConfigValue, isPlainName } from "../../std/config";
import { decimal } from "../../std/decimal";
import { JsonType } from "../../std/json";
import { Slice, sliceEquals, sliceOfBytes } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";
import { Candidate, hash64 } from "../../std/weighted";
import { FaultSettings } from "./fault";

/** Where a rule or the sticky key looks. */
export namespace Source {
  export const Header: i32 = 0;
  export const Cookie: i32 = 1;
  export const Query: i32 = 2;
}

/** How a rule compares. */
export namespace Match {
  export const Present: i32 = 0;
  export const Equals: i32 = 1;
  export const Prefix: i32 = 2;
}

const MAX_VARIANTS: i32 = 32;
const NO_HEADER = new HeaderName("-");

/** A span attribute of a variant, as bytes. */
export class VariantAttribute {
  private readonly property: StaticArray<u8>;
  private readonly value: StaticArray<u8>;

  constructor(name: string, value: string) {
    this.property = utf8Bytes(SPAN_ATTRIBUTE_PREFIX + name);
    this.value = utf8Bytes(value);
  }

  set(): void {
    Properties.setOf(sliceOfBytes(this.property), sliceOfBytes(this.value));
  }
}

/** One of those that share the traffic. */
export class Variant {
  weight: f64 = 0;
  attributes: VariantAttribute[] = [];
  /** The whole `set-cookie`. */
  cookie: StaticArray<u8> = [];
  readonly name: StaticArray<u8>;

  constructor(readonly text: string) {
    this.name = utf8Bytes(text);
  }

  /** Whether `value` is its name. */
  isIn(value: Slice): bool {
    return sliceEquals(value, sliceOfBytes(this.name));
  }
}

/** Where to look for what decides. */
export class Where {
  source: i32 = Source.Header;
  header: HeaderName = NO_HEADER;
  name: StaticArray<u8> = [];
}

/** What decides before the weights do. */
export class Rule extends Where {
  match: i32 = Match.Present;
  text: StaticArray<u8> = [];
  /** Null for the variant that the value names. */
  variant: Variant | null = null;
}

/** What `traffic-split` is told: see README.md and config.schema.json beside this file. */
export class TrafficSplitSettings {
  variants: Variant[] = [];
  candidates: StaticArray<Candidate> = [];
  rules: StaticArray<Rule> = [];
  sticky: StaticArray<Where> = [];
  /** Two experiments over the same users are independent of each other. */
  salt: u64 = 0;
  routeHeader: HeaderName = NO_HEADER;
  cookieName: StaticArray<u8> = [];
  faults: FaultSettings | null = null;

  /** The variant of this name, or null. */
  named(name: Slice): Variant | null {
    for (let i = 0; i < this.variants.length; i++) if (this.variants[i].isIn(name)) return this.variants[i];
    return null;
  }

  /** The cookie that an earlier answer set. */
  cookieOf(headers: HeaderMap): Slice {
    return cookieOf(headers, sliceOfBytes(this.cookieName));
  }

  static read(value: ConfigValue): TrafficSplitSettings {
    const settings = new TrafficSplitSettings();
    if (!value.allow(["experiment", "variants", "rules", "sticky", "route_header", "cookie", "fault"])) return settings;
    const experiment = value.get("experiment").string("traffic-split");
    if (!isName(experiment)) value.get("experiment").expected("1 to 64 letters, digits, -, _ and .");
    settings.salt = hash64(sliceOfBytes(utf8Bytes(experiment)));
    settings.routeHeader = new HeaderName(value.get("route_header").headerName("x-variant"));
    const cookie = new CookieSettings(value.get("cookie"));
    settings.cookieName = utf8Bytes(cookie.name);
    settings.readVariants(value.get("variants"), experiment, cookie);
    settings.readRules(value.get("rules"));
    settings.readSticky(value.get("sticky"));
    settings.faults = FaultSettings.read(value.get("fault"));
    return settings;
  }

  private readVariants(list: ConfigValue, experiment: string, cookie: CookieSettings): void {
    const items = list.items();
    if (list.type != JsonType.Array) {
      if (!list.present) list.expected("an array of variants");
      return;
    }
    if (items.length == 0 || items.length > MAX_VARIANTS) list.problem("expected 1 to 32 variants, found " + decimal(items.length));
    const candidates: Candidate[] = [];
    let sum: f64 = 0;
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (item.type != JsonType.Object) {
        item.expected('an object such as {"name": "canary", "weight": 10}');
        continue;
      }
      item.allow(["name", "weight", "attributes"]);
      const name = item.get("name").required();
      if (name.length > 0 && !isName(name)) item.get("name").expected("1 to 64 letters, digits, -, _ and .");
      const variant = new Variant(name);
      if (this.named(sliceOfBytes(variant.name)) != null) item.get("name").problem('there are two variants "' + name + '"; rename one');
      variant.weight = <f64>item.get("weight").integer(1, 0, 1_000_000);
      sum += variant.weight;
      variant.attributes.push(new VariantAttribute("experiment", experiment));
      variant.attributes.push(new VariantAttribute("variant", name));
      readAttributes(variant, item.get("attributes"));
      variant.cookie = utf8Bytes(cookie.lineFor(name));
      this.variants.push(variant);
      candidates.push(new Candidate(sliceOfBytes(variant.name), variant.weight));
    }
    if (items.length > 0 && sum == 0) list.problem("expected a weight above 0, found none");
    this.candidates = StaticArray.fromArray<Candidate>(candidates);
  }

  private readRules(list: ConfigValue): void {
    const items = list.items();
    const rules: Rule[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      const rule = new Rule();
      rules.push(rule);
      if (item.type != JsonType.Object) {
        item.expected('an object such as {"header": "x-canary", "equals": "always", "variant": "canary"}');
        continue;
      }
      item.allow(["header", "cookie", "query", "equals", "prefix", "variant"]);
      readWhere(rule, item);
      if (item.get("equals").present && item.get("prefix").present) item.problem("expected one of equals, prefix, found both");
      if (item.get("equals").present) {
        rule.match = Match.Equals;
        rule.text = utf8Bytes(item.get("equals").string(""));
      } else if (item.get("prefix").present) {
        rule.match = Match.Prefix;
        rule.text = utf8Bytes(item.get("prefix").required());
      }
      const variant = item.get("variant");
      if (!variant.present) {
        if (rule.match != Match.Present) variant.expected("the name of a variant");
        continue;
      }
      rule.variant = this.named(sliceOfBytes(utf8Bytes(variant.string(""))));
      if (rule.variant == null) variant.expected("the name of a variant");
    }
    this.rules = StaticArray.fromArray<Rule>(rules);
  }

  private readSticky(list: ConfigValue): void {
    const sources: Where[] = [];
    if (!list.present) {
      const user = new Where();
      user.header = new HeaderName("x-user-id");
      sources.push(user);
    }
    const items = list.items();
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      const source = new Where();
      sources.push(source);
      if (item.type != JsonType.Object) {
        item.expected('an object such as {"header": "x-user-id"}');
        continue;
      }
      item.allow(["header", "cookie", "query"]);
      readWhere(source, item);
    }
    this.sticky = StaticArray.fromArray<Where>(sources);
  }
}

class CookieSettings {
  name: string = "";
  private rest: string = "";

  constructor(value: ConfigValue) {
    if (value.present && value.allow(["name", "max_age_s", "path", "secure", "same_site"])) this.read(value);
  }

  private read(value: ConfigValue): void {
    this.name = value.get("name").required();
    if (this.name.length > 0 && !isName(this.name)) value.get("name").expected("1 to 64 letters, digits, -, _ and .");
    const path = value.get("path").string("/");
    if (!isCookiePath(path)) value.get("path").expected("a path that begins with / and has no ; or space");
    const age = value.get("max_age_s").integer(2_592_000, 1, 34_560_000);
    const sameSite = value.get("same_site").oneOf(["Lax", "Strict", "None"]);
    this.rest = "; Path=" + path + "; Max-Age=" + decimal(age) + "; HttpOnly; SameSite=" + sameSite;
    if (value.get("secure").boolean(true)) this.rest += "; Secure";
    else if (sameSite == "None") value.get("secure").problem("browsers refuse SameSite=None without Secure; leave it true");
  }

  lineFor(variant: string): string {
    return this.name + "=" + variant + this.rest;
  }
}

function readAttributes(variant: Variant, value: ConfigValue): void {
  if (!value.present) return;
  if (value.type != JsonType.Object) {
    value.expected('an object such as {"canary": "true"}');
    return;
  }
  const names = value.keys();
  for (let i = 0; i < names.length; i++) {
    if (!isName(names[i])) value.get(names[i]).problem("attribute names are 1 to 64 letters, digits, -, _ and .");
    variant.attributes.push(new VariantAttribute(names[i], value.get(names[i]).required()));
  }
}

function readWhere(where: Where, item: ConfigValue): void {
  const given = <i32>item.get("header").present + <i32>item.get("cookie").present + <i32>item.get("query").present;
  if (given != 1) item.problem("expected exactly one of header, cookie, query, found " + decimal(given));
  if (item.get("header").present) where.header = new HeaderName(item.get("header").headerName("-"));
  else {
    const cookie = item.get("cookie").present;
    where.source = cookie ? Source.Cookie : Source.Query;
    where.name = utf8Bytes(item.get(cookie ? "cookie" : "query").required());
  }
}

function isName(name: string): bool {
  return name.length > 0 && name.length <= 64 && isPlainName(name);
}

function isCookiePath(path: string): bool {
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    if (c <= 32 || c >= 127 || c == 59) return false;
  }
  return path.startsWith("/");
}

export class TrafficSplitPlugin extends PluginContext {
  settings: TrafficSplitSettings = new TrafficSplitSettings();

  onConfigure(): bool {
    const config = this.readConfig("traffic-split");
    this.settings = TrafficSplitSettings.read(config.root);
    return config.ok || this.refuse(config);
  }
}
