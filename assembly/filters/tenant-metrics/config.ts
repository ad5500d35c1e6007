import {
  Environment,
  HeaderName,
  labelBytes,
  Node,
  orDefault,
  overflowLabels,
  PluginContext,
  PUNCTUATION,
  SeriesIndex,
} from "../../sdk/index";
import { ConfigValue } from "../../std/config";
import { JsonType } from "../../std/json";
import { utf8Bytes } from "../../std/utf8";
import { Series } from "./series";

/** Where the value of a label comes from. */
export namespace LabelSource {
  export const Constant: i32 = 0;
  export const Header: i32 = 1;
  export const ResponseHeader: i32 = 2;
  export const State: i32 = 3;
  export const Code: i32 = 4;
  export const CodeClass: i32 = 5;
  export const GrpcStatus: i32 = 6;
}

const MAX_LABELS: i32 = 16;

/** One label: its source, resolved as far as the configuration alone can. */
export class Label {
  source: i32 = LabelSource.Constant;
  /** For `Header` and `ResponseHeader`. */
  header: HeaderName = NO_HEADER;
  /** For `State`: the name without `wasm.`. */
  state: StaticArray<u8> = [];
  /** The value when the source has none; of a constant, its value. */
  fallback: StaticArray<u8> = [];
  /** The name as it stands before the value. */
  readonly start: StaticArray<u8>;

  constructor(readonly name: string) {
    this.start = labelBytes(name);
  }
}

const NO_HEADER = new HeaderName("-");

/** What `tenant-metrics` is told: see README.md and config.schema.json beside this file. */
export class TenantMetricsSettings {
  prefix: string = "tenant";
  labels: StaticArray<Label> = [];
  /** Of a value, in bytes of UTF-8. */
  maxLabelLength: u32 = 64;
  /** What all labels of a series can need at most. */
  labelsSize: u32 = 0;
  duration: bool = true;
  requestBytes: bool = false;
  responseBytes: bool = false;
  /** The series that were used, by the number that `index` has for their labels. */
  readonly series: Series[] = [];
  index: SeriesIndex = new SeriesIndex("", 1);
  private other: Series | null = null;

  /** The series of everything over the cap, made when it is first needed. */
  overflow(): Series {
    const made = this.other;
    if (made != null) return made;
    const names: string[] = [];
    for (let i = 0; i < this.labels.length; i++) names.push(this.labels[i].name);
    const fresh = new Series(overflowLabels(names), this);
    this.other = fresh;
    return fresh;
  }

  static read(value: ConfigValue): TenantMetricsSettings {
    const settings = new TenantMetricsSettings();
    if (!value.allow(["prefix", "labels", "metrics", "max_series", "max_label_length"])) return settings;
    settings.prefix = value.get("prefix").string("tenant");
    if (!isName(settings.prefix)) value.get("prefix").expected("a name of letters, digits and _ that begins with a letter");
    settings.maxLabelLength = value.get("max_label_length").integer(64, 1, 256);
    settings.readMetrics(value.get("metrics"));
    settings.labels = readLabels(value.get("labels"));
    let size: u32 = 0;
    for (let i = 0; i < settings.labels.length; i++) size += <u32>settings.labels[i].name.length + PUNCTUATION + settings.maxLabelLength;
    settings.labelsSize = size;
    const cap = value.get("max_series").integer(1000, 1, 100_000);
    // Another set of labels is another family, with a cap of its own.
    let family = "tenant-metrics." + settings.prefix;
    for (let i = 0; i < settings.labels.length; i++) family += "." + settings.labels[i].name;
    settings.index = new SeriesIndex(family, cap);
    return settings;
  }

  private readMetrics(metrics: ConfigValue): void {
    if (!metrics.present) return;
    this.duration = false;
    const items = metrics.items();
    for (let i = 0; i < items.length; i++) {
      const name = items[i].oneOf(["duration_ms", "request_bytes", "response_bytes"]);
      if (name == "duration_ms") this.duration = true;
      else if (name == "request_bytes") this.requestBytes = true;
      else this.responseBytes = true;
    }
  }
}

function readLabels(list: ConfigValue): StaticArray<Label> {
  const labels: Label[] = [];
  if (!list.present) {
    labels.push(fromHeader("tenant", "x-tenant-id"));
    const code = new Label("code");
    code.source = LabelSource.CodeClass;
    code.fallback = utf8Bytes("none");
    labels.push(code);
    return StaticArray.fromArray<Label>(labels);
  }
  const items = list.items();
  if (items.length > MAX_LABELS) list.problem("expected at most " + MAX_LABELS.toString() + " labels, found " + items.length.toString());
  for (let i = 0; i < items.length; i++) {
    const label = readLabel(items[i]);
    for (let j = 0; j < labels.length; j++) checkPair(items[i], label.name, labels[j].name);
    labels.push(label);
  }
  return StaticArray.fromArray<Label>(labels);
}

function fromHeader(name: string, header: string): Label {
  const label = new Label(name);
  label.source = LabelSource.Header;
  label.header = new HeaderName(header);
  label.fallback = utf8Bytes("unknown");
  return label;
}

const SOURCES = ["header", "response_header", "state", "response", "node", "env", "value"];

function readLabel(item: ConfigValue): Label {
  if (item.type != JsonType.Object) {
    item.expected('an object such as {"name": "tenant", "header": "x-tenant-id"}');
    return new Label("");
  }
  item.allow(["name", "default"].concat(SOURCES));
  const name = item.get("name").required();
  if (name.length > 0 && !isName(name)) item.get("name").expected("a name of letters, digits and _ that begins with a letter");
  let given: i32 = 0;
  for (let i = 0; i < SOURCES.length; i++) given += <i32>item.get(SOURCES[i]).present;
  if (given != 1) item.problem("expected exactly one of " + SOURCES.join(", ") + ", found " + given.toString());
  const label = new Label(name);
  label.fallback = utf8Bytes(item.get("default").string("unknown"));
  if (item.get("header").present) readHeader(label, item.get("header"), LabelSource.Header);
  else if (item.get("response_header").present) readHeader(label, item.get("response_header"), LabelSource.ResponseHeader);
  else if (item.get("state").present) {
    label.source = LabelSource.State;
    label.state = utf8Bytes(item.get("state").required());
  } else if (item.get("response").present) {
    const what = item.get("response").oneOf(["code_class", "code", "grpc_status"]);
    label.source = what == "code" ? LabelSource.Code : what == "code_class" ? LabelSource.CodeClass : LabelSource.GrpcStatus;
  } else readConstant(label, item);
  return label;
}

function readHeader(label: Label, value: ConfigValue, source: i32): void {
  label.source = source;
  label.header = new HeaderName(value.headerName("-"));
}

function readConstant(label: Label, item: ConfigValue): void {
  let value = "";
  if (item.get("node").present) value = orDefault(Node.metadata(item.get("node").required()), "");
  else if (item.get("env").present) value = orDefault(Environment.get(item.get("env").required()), "");
  else if (item.get("value").present) value = item.get("value").required();
  if (value.length > 0) label.fallback = utf8Bytes(value);
}

/** Envoy's rule for `code` finds `code=.=` in `ui_code=.=` as well. */
function checkPair(item: ConfigValue, a: string, b: string): void {
  if (a.endsWith(b) || b.endsWith(a))
    item.get("name").problem('"' + a + '" and "' + b + '": no label may be the end of another; rename one');
}

function isName(name: string): bool {
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const letter = (c | 32) >= 97 && (c | 32) <= 122;
    if (!letter && (i == 0 || !(c == 95 || (c >= 48 && c <= 57)))) return false;
  }
  return name.length > 0 && name.length <= 64;
}

export class TenantMetricsPlugin extends PluginContext {
  settings: TenantMetricsSettings = new TenantMetricsSettings();

  onConfigure(): bool {
    const config = this.readConfig("tenant-metrics");
    this.settings = TenantMetricsSettings.read(config.root);
    return config.ok || this.refuse(config);
  }
}
