import { cleanSlice, Environment, HeaderMap, HeaderName, Node, PluginContext, SPAN_ATTRIBUTE_PREFIX } from "../../sdk/index";
import { isTokenByte } from "../../std/baggage";
import { Config, ConfigValue, isPlainName } from "../../std/config";
import { decimal } from "../../std/decimal";
import { JsonType } from "../../std/json";
import { sliceEquals, sliceOfBytes, sliceToBytes } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";
import { Attribute } from "./attribute";
import { ConnectionConstants } from "./connection-constants";
import { decidesWithParent, isSampled } from "./sampling";

const KEYS = ["custom_attributes", "attributes", "to", "when", "constants", "state_prefix", "request_header_prefix", "max_length"];

/** What `span-attributes` is told: see README.md and config.schema.json beside this file. */
export class SpanAttributesSettings {
  attributes: StaticArray<Attribute> = [];
  /** Those that filter state gets with each request. */
  ofRequest: StaticArray<Attribute> = [];
  toFilterState: bool = true;
  toRequestHeader: bool = false;
  toBaggage: bool = false;
  /** Of a value, in bytes of UTF-8. */
  maxLength: u32 = 256;
  /** Only for requests that Envoy's tracer samples. */
  sampledOnly: bool = false;
  private withParent: bool = false;
  /** Constants are set once for a connection; and what does it, when the host can. */
  private oncePerConnection: bool = false;
  constants: ConnectionConstants | null = null;

  static read(value: ConfigValue): SpanAttributesSettings {
    const settings = new SpanAttributesSettings();
    if (!value.allow(KEYS)) return settings;
    settings.maxLength = value.get("max_length").integer(256, 1, 4096);
    settings.readTargets(value.get("to"));
    const prefix = value.get("request_header_prefix");
    const prefixText = prefix.string("x-span-");
    if (!isToken(prefixText)) prefix.expected("a prefix of header names: letters, digits and !#$%&'*+-.^_`|~");
    const state = value.get("state_prefix");
    const statePrefix = state.string(SPAN_ATTRIBUTE_PREFIX);
    if (statePrefix.length > 64 || !isPlainName(statePrefix)) state.expected('at most 64 letters, digits and ".", "_", "-"');
    settings.readEconomy(value);
    const plan = new Plan();
    const list = value.get("attributes");
    if (list.present) plan.addList(list);
    else plan.addDefaults();
    plan.addCustom(value.get("custom_attributes"));
    settings.attributes = plan.resolve(statePrefix, prefixText, settings.maxLength);
    if (settings.toRequestHeader) checkHeaders(settings.attributes, list);
    return settings;
  }

  /** To be called when the configuration is accepted: what needs the host, and the stream filter only. */
  begin(): void {
    if (this.sampledOnly) this.withParent = decidesWithParent();
    this.ofRequest = this.attributes;
    if (this.oncePerConnection && this.toFilterState) this.takeConstants();
  }

  private takeConstants(): void {
    const constants = ConnectionConstants.take(this.attributes);
    if (constants == null) return;
    this.constants = constants;
    this.ofRequest = constants.others;
  }

  /** Whether a request's span is to have attributes. Ask before anything changes the headers. */
  isWanted(headers: HeaderMap): bool {
    return !this.sampledOnly || isSampled(headers, this.withParent);
  }

  private readEconomy(value: ConfigValue): void {
    this.sampledOnly = value.get("when").oneOf(["always", "sampled"]) == "sampled";
    const constants = value.get("constants");
    this.oncePerConnection = constants.oneOf(["request", "connection"]) == "connection";
    if (this.sampledOnly && this.oncePerConnection)
      constants.problem('expected "request" beside "when": "sampled", found "connection", whose other requests would have them too');
  }

  private readTargets(to: ConfigValue): void {
    if (!to.present) return;
    const targets = to.items();
    if (to.type == JsonType.Array && targets.length == 0) to.expected("at least one of filter_state, request_header, baggage");
    this.toFilterState = false;
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i].oneOf(["filter_state", "request_header", "baggage"]);
      if (target == "filter_state") this.toFilterState = true;
      else if (target == "request_header") this.toRequestHeader = true;
      else this.toBaggage = true;
    }
  }
}

/** Two attributes must not share the header that carries them. */
function checkHeaders(attributes: StaticArray<Attribute>, list: ConfigValue): void {
  for (let i = 0; i < attributes.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!sliceEquals(sliceOfBytes(attributes[i].header), sliceOfBytes(attributes[j].header))) continue;
      const names = '"' + attributes[j].name + '" and "' + attributes[i].name + '"';
      list.problem(names + ' would be the same request header; rename one, or leave request_header out of "to"');
    }
  }
}

/** The sources of one attribute, in the order of the configuration. */
class Sources {
  headers: string[] = [];
  /** From the environment, the node or a literal: known now. */
  constant: string = "";
  custom: string = "";
  fallback: string = "";

  constructor(readonly name: string) {}

  addHeader(name: string): void {
    // Behind a constant, which always has a value, no header is asked any more.
    if (this.constant.length == 0) this.headers.push(name);
  }

  /** What the VM is not given, and what the node has not, counts as empty. */
  addConstant(value: string | null): void {
    if (value != null && this.constant.length == 0) this.constant = value;
  }

  get last(): string {
    return this.constant.length > 0 ? this.constant : this.custom.length > 0 ? this.custom : this.fallback;
  }
}

class Plan {
  private readonly sources: Sources[] = [];

  private of(name: string): Sources {
    for (let i = 0; i < this.sources.length; i++) if (this.sources[i].name == name) return this.sources[i];
    const fresh = new Sources(name);
    this.sources.push(fresh);
    return fresh;
  }

  /** Without a list: who the request is for, and where this proxy runs as far as Istio tells. */
  addDefaults(): void {
    this.of("user.id").addHeader("x-user-id");
    this.of("tenant.id").addHeader("x-tenant-id");
    this.of("cluster.name").addConstant(Node.metadata("CLUSTER_ID"));
    this.of("service.version").addConstant(Node.metadata("LABELS.version"));
    this.of("k8s.namespace.name").addConstant(Node.metadata("NAMESPACE"));
  }

  addList(list: ConfigValue): void {
    const items = list.items();
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (item.type != JsonType.Object) {
        item.expected('an object such as {"name": "user.id", "header": "x-user-id"}');
        continue;
      }
      item.allow(["name", "header", "env", "node", "value", "default"]);
      const name = item.get("name");
      if (name.required().length > 0) checkName(name, name.string(""));
      const sources = this.of(name.string(""));
      const header = item.get("header");
      const env = item.get("env");
      const node = item.get("node");
      const value = item.get("value");
      const given = <i32>header.present + <i32>env.present + <i32>node.present + <i32>value.present;
      if (given != 1) item.problem("expected exactly one of header, env, node, value, found " + decimal(given));
      if (header.present) {
        const text = header.required();
        if (text.length > 0 && !isToken(text) && !text.startsWith(":")) header.expected("a header name");
        sources.addHeader(text);
      }
      if (env.present) sources.addConstant(Environment.get(env.required()));
      if (node.present) sources.addConstant(Node.metadata(node.required()));
      if (value.present) sources.addConstant(value.required());
      const fallback = item.get("default").string("");
      if (sources.fallback.length == 0) sources.fallback = fallback;
    }
  }

  /** Literals by name. A source in the list that has a value goes before them. */
  addCustom(custom: ConfigValue): void {
    if (!custom.present) return;
    if (custom.type != JsonType.Object) {
      custom.expected('an object such as {"app.version": "v1.2.3"}');
      return;
    }
    const keys = custom.keys();
    for (let i = 0; i < keys.length; i++) {
      const item = custom.get(keys[i]);
      checkName(item, keys[i]);
      // A number is taken as it is spelled.
      const spelled = item.type == JsonType.Number || item.type == JsonType.Boolean;
      this.of(keys[i]).custom = spelled ? item.json!.text : item.required();
    }
  }

  resolve(statePrefix: string, headerPrefix: string, maxLength: u32): StaticArray<Attribute> {
    const attributes: Attribute[] = [];
    for (let i = 0; i < this.sources.length; i++) {
      const sources = this.sources[i];
      const constant = sources.last;
      if (sources.headers.length == 0 && constant.length == 0) continue;
      const attribute = new Attribute(sources.name, statePrefix, headerPrefix);
      const headers: HeaderName[] = [];
      for (let j = 0; j < sources.headers.length; j++) headers.push(new HeaderName(sources.headers[j]));
      attribute.headers = StaticArray.fromArray<HeaderName>(headers);
      attribute.isConstant = headers.length == 0;
      if (constant.length > 0) {
        const bytes = cleaned(constant, maxLength);
        attribute.constant = bytes;
        attribute.constantView = sliceOfBytes(bytes);
      }
      attributes.push(attribute);
    }
    return StaticArray.fromArray<Attribute>(attributes);
  }
}

function cleaned(text: string, maxLength: u32): StaticArray<u8> {
  return sliceToBytes(cleanSlice(sliceOfBytes(utf8Bytes(text)), maxLength));
}

/** The name ends up in a format string of Envoy and may be a key in baggage. */
function checkName(value: ConfigValue, name: string): void {
  if (name.length == 0 || name.length > 128 || !isPlainName(name))
    value.problem('attribute names are 1 to 128 letters, digits and ".", "_", "-", found "' + name + '"');
}

function isToken(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 0x7e || !isTokenByte(c)) return false;
  }
  return true;
}

export class SpanAttributesPlugin extends PluginContext {
  settings: SpanAttributesSettings = new SpanAttributesSettings();

  onConfigure(): bool {
    const config: Config = this.readConfig("span-attributes");
    this.settings = SpanAttributesSettings.read(config.root);
    if (!config.ok) return this.refuse(config);
    this.settings.begin();
    return true;
  }
}
