import { Node, orDefault, Properties } from "../../sdk/index";
import { ConfigValue } from "../../std/config";
import { decimal } from "../../std/decimal";
import { JsonType } from "../../std/json";
import { ProtoWriter } from "../../std/protobuf";
import { Slice, sliceToBytes } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";
import { SpanAttributesSettings } from "../span-attributes/config";
import { attributeKey, SpanKind } from "./span-record";

/** 2^56: what a trace id's random part is below. */
const WHOLE: f64 = 72057594037927936;

/** What `export` is told: see README.md and config.schema.json beside this file. */
export class ExportSettings {
  cluster: string = "";
  grpc: bool = false;
  path: string = "/v1/traces";
  timeoutMs: u32 = 10_000;
  /** `SpanKind.Auto`: the listener's direction says it, which only a stream can ask for. */
  kind: u32 = SpanKind.Auto;
  /** A connection keeps what its first stream was told. */
  keepsKind: bool = false;
  maxSpans: i32 = 512;
  intervalMs: u32 = 1000;
  maxQueue: i32 = 2048;
  /** Of the text of an attribute, in bytes. */
  maxLength: u32 = 256;
  /** The encoded fields `resource` and `scope` of a request. */
  resource: StaticArray<u8> = [];
  scope: StaticArray<u8> = [];
  /** A trace that starts here is sampled when the last 56 bits of its id are at least this. */
  threshold: u64 = 0;
  /** The same as a value of tracestate, "" when every trace is sampled. */
  tracestate: StaticArray<u8> = [];
  /** What is exported although it is not sampled. */
  alwaysErrors: bool = false;
  alwaysSlowerNs: u64 = 0;
  attributes: SpanAttributesSettings = new SpanAttributesSettings();
  /** Their keys, encoded. */
  keys: StaticArray<u8>[] = [];

  static read(value: ConfigValue): ExportSettings | null {
    if (!value.present) return null;
    const settings = new ExportSettings();
    const keys = ["cluster", "protocol", "path", "timeout_ms", "service_name", "kind", "batch", "resource", "sampling", "span_attributes"];
    if (!value.allow(keys)) return settings;
    settings.cluster = value.get("cluster").required();
    settings.grpc = value.get("protocol").oneOf(["http", "grpc"]) == "grpc";
    settings.path = value.get("path").string("/v1/traces");
    if (!settings.path.startsWith("/")) value.get("path").expected("a path that begins with /");
    settings.timeoutMs = value.get("timeout_ms").integer(10_000, 1, 600_000);
    settings.kind = readKind(value.get("kind"));
    settings.readBatch(value.get("batch"));
    settings.readSampling(value.get("sampling"));
    settings.resource = resourceOf(value.get("resource"), value.get("service_name").string(defaultService()));
    settings.scope = fieldOf(1, new ProtoWriter().text(1, "meshwright/trace-context"));
    const attributes = value.get("span_attributes");
    settings.attributes = SpanAttributesSettings.read(attributes);
    for (let i = 0; i < settings.attributes.attributes.length; i++)
      settings.keys.push(attributeKey(settings.attributes.attributes[i].name));
    const elsewhere = ["to", "when", "constants", "state_prefix"];
    for (let i = 0; i < elsewhere.length; i++) {
      const key = attributes.get(elsewhere[i]);
      if (key.present) key.problem("unknown key here: the attributes go to the exported span");
    }
    return settings;
  }

  private readBatch(batch: ConfigValue): void {
    if (!batch.present || !batch.allow(["max_spans", "interval_ms", "max_queue"])) return;
    this.maxSpans = batch.get("max_spans").integer(512, 1, 8192);
    this.intervalMs = batch.get("interval_ms").integer(1000, 10, 60_000);
    this.maxQueue = batch.get("max_queue").integer(2048, 1, 65_536);
    if (this.maxQueue < this.maxSpans) batch.get("max_queue").expected("an integer that is at least max_spans, " + decimal(this.maxSpans));
  }

  private readSampling(sampling: ConfigValue): void {
    if (!sampling.present || !sampling.allow(["ratio", "always"])) return;
    const ratio = sampling.get("ratio").number(1, 0, 1);
    this.threshold = <u64>Math.round((1 - ratio) * WHOLE);
    if (this.threshold > 0 && ratio > 0) this.tracestate = utf8Bytes("ot=th:" + thresholdText(this.threshold));
    const always = sampling.get("always").items();
    for (let i = 0; i < always.length; i++) {
      const rule = always[i].string("");
      const slower = milliseconds(rule);
      if (rule == "error") this.alwaysErrors = true;
      else if (slower >= 0) this.alwaysSlowerNs = <u64>max(slower, 1) * 1_000_000;
      else always[i].expected('"error" or a duration such as "slow>1000ms"');
    }
  }

  /** Whether a span may be exported that is not sampled. */
  get hasAlways(): bool {
    return this.alwaysErrors || this.alwaysSlowerNs > 0;
  }
}

/** The 14 digits of a threshold without the zeros at the end (OpenTelemetry, "TraceState: probability sampling", th). */
function thresholdText(threshold: u64): string {
  let text = "";
  for (let shift: i64 = 52; shift >= 0; shift -= 4) text += "0123456789abcdef".charAt(<i32>((threshold >> shift) & 15));
  let end = text.length;
  while (end > 1 && text.charCodeAt(end - 1) == 48) end--;
  return text.substring(0, end);
}

/** The number in `slow>1000ms`, or -1. */
function milliseconds(rule: string): i32 {
  if (!rule.startsWith("slow>") || !rule.endsWith("ms")) return -1;
  const end = rule.length - 2;
  if (end == 5 || end > 12) return -1;
  let number = 0;
  for (let i = 5; i < end; i++) {
    const digit = rule.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

function readKind(value: ConfigValue): u32 {
  const kind = value.oneOf(["auto", "server", "client"]);
  if (kind == "server") return SpanKind.Server;
  if (kind == "client") return SpanKind.Client;
  return SpanKind.Auto;
}

function defaultService(): string {
  const cluster = orDefault(Properties.get(["xds", "node", "cluster"]), "");
  return cluster.length > 0 ? cluster : "unknown_service:envoy";
}

/** The field `resource` of ResourceSpans. */
function resourceOf(value: ConfigValue, service: string): StaticArray<u8> {
  const resource = new ProtoWriter();
  resource.message(1, keyValue("service.name", service));
  resource.message(1, keyValue("telemetry.sdk.name", "meshwright"));
  resource.message(1, keyValue("telemetry.sdk.language", "webassembly"));
  const node = Properties.get(["xds", "node", "id"]);
  if (node != null && node.length > 0) resource.message(1, keyValue("service.instance.id", node));
  const namespace = Node.metadata("NAMESPACE");
  if (namespace != null) resource.message(1, keyValue("k8s.namespace.name", namespace));
  if (value.present && value.type != JsonType.Object) value.expected('an object such as {"deployment.environment": "production"}');
  const keys = value.type == JsonType.Object ? value.keys() : [];
  for (let i = 0; i < keys.length; i++) resource.message(1, keyValue(keys[i], value.get(keys[i]).required()));
  return fieldOf(1, resource);
}

function keyValue(key: string, value: string): ProtoWriter {
  return new ProtoWriter().text(1, key).message(2, new ProtoWriter().text(1, value));
}

/** A message as a field of another. */
function fieldOf(field: u32, message: ProtoWriter): StaticArray<u8> {
  const whole: Slice = new ProtoWriter().message(field, message).view;
  return sliceToBytes(whole);
}
