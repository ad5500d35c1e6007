import { Attributes, Clock, HeaderMap, HeaderName, HeadersStatus, HttpContextOf, Properties } from "../../sdk/index";
import { ABSENT, presentSlice, Slice, sliceLength, sliceOfBytes, slicePart, slicePointer } from "../../std/slice";
import { FLAG_SAMPLED, parseTraceparent } from "../../std/trace-context";
import { utf8Bytes } from "../../std/utf8";
import { valueOf } from "../span-attributes/filter";
import { correct } from "./behind-tracer";
import { TraceContextPlugin } from "./config";
import { ExportSettings } from "./export-settings";
import { parentId, propagate, untrusted } from "./filter";
import { begin, draft, finish, link, numberAttribute, resume, SpanKind, textAttribute } from "./span-record";

const METHOD = new HeaderName(":method");
const PATH = new HeaderName(":path");
const SCHEME = new HeaderName(":scheme");
const AUTHORITY = new HeaderName(":authority");
const USER_AGENT = new HeaderName("user-agent");
const FORWARDED_FOR = new HeaderName("x-forwarded-for");

// The names of OpenTelemetry's semantic conventions for HTTP.
const HTTP_METHOD = utf8Bytes("http.request.method");
const HTTP_STATUS = utf8Bytes("http.response.status_code");
const URL_PATH = utf8Bytes("url.path");
const URL_QUERY = utf8Bytes("url.query");
const URL_SCHEME = utf8Bytes("url.scheme");
const SERVER_ADDRESS = utf8Bytes("server.address");
const CLIENT_ADDRESS = utf8Bytes("client.address");
const USER_AGENT_ORIGINAL = utf8Bytes("user_agent.original");
const ERROR_TYPE = utf8Bytes("error.type");
const NO_RESPONSE = utf8Bytes("no_response");
const HTTP = utf8Bytes("HTTP");

const LISTENER_DIRECTION = utf8Bytes("xds\0listener_direction");
const OUTBOUND: i64 = 2;

/** A stream whose span somebody else exports, or nobody. */
export class TraceContext extends HttpContextOf<TraceContextPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const settings = this.plugin.settings;
    if (settings.behindTracer) correct(this.requestHeaders);
    else propagate(settings, this.requestHeaders);
    return HeadersStatus.Continue;
  }
}

/** A stream whose span this filter exports: what the request tells is written down at once, the rest when the stream has ended. */
export class ExportingTraceContext extends HttpContextOf<TraceContextPlugin> {
  private span: StaticArray<u8> | null = null;
  private sampled: bool = false;
  private kind: u32 = SpanKind.Server;
  private start: u64 = 0;

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    const traceparent = propagate(this.plugin.settings, headers);
    const settings = this.plugin.export;
    if (settings == null) return HeadersStatus.Continue;
    this.sampled = (parseTraceparent(traceparent) & FLAG_SAMPLED) != 0;
    if (!this.sampled && !settings.hasAlways) return HeadersStatus.Continue;
    this.start = Clock.now();
    this.kind = settings.kind == SpanKind.Auto ? kindOfListener() : settings.kind;
    // One read of all headers, also where the requests before were not sampled and the map has learned to read one by one.
    const count = headers.size;
    const method = count == 0 ? ABSENT : headers.viewOf(METHOD);
    begin(traceparent, parentId, method == ABSENT ? sliceOfBytes(HTTP) : method, this.kind, this.start);
    if (untrusted != ABSENT) link(untrusted);
    requestAttributes(settings, headers, method);
    this.span = draft();
    return HeadersStatus.Continue;
  }

  onLog(): void {
    const span = this.span;
    const settings = this.plugin.export;
    const exporter = this.plugin.exporter;
    if (span == null || settings == null || exporter == null) return;
    const now = Clock.now();
    // The clock of the host may be set back.
    const end = now > this.start ? now : this.start;
    const code = Attributes.response.code;
    // No code: the client went away, or nothing could be sent.
    const failed = code <= 0 || code >= (this.kind == SpanKind.Client ? 400 : 500);
    const slow = settings.alwaysSlowerNs > 0 && end - this.start > settings.alwaysSlowerNs;
    if (!this.sampled && !slow && !(failed && settings.alwaysErrors)) return;
    resume(span);
    if (code > 0) numberAttribute(HTTP_STATUS, <u32>code);
    if (failed) textAttribute(ERROR_TYPE, code > 0 ? sliceOfBytes(utf8Bytes(code.toString())) : sliceOfBytes(NO_RESPONSE), 16);
    exporter.add(finish(end, failed));
  }
}

/** Asked for each stream: listeners of both directions with the same configuration share the plugin context. */
function kindOfListener(): u32 {
  const direction = Properties.viewOf(sliceOfBytes(LISTENER_DIRECTION));
  return sliceLength(direction) == 8 && load<i64>(slicePointer(direction)) == OUTBOUND ? SpanKind.Client : SpanKind.Server;
}

function requestAttributes(settings: ExportSettings, headers: HeaderMap, method: Slice): void {
  const limit = settings.maxLength;
  textAttribute(HTTP_METHOD, method, limit);
  const path = headers.viewOf(PATH);
  const question = indexOf(path, 63);
  textAttribute(URL_PATH, path == ABSENT ? ABSENT : slicePart(path, 0, question), limit);
  if (question < sliceLength(path)) textAttribute(URL_QUERY, slicePart(path, question + 1, sliceLength(path)), limit);
  textAttribute(URL_SCHEME, headers.viewOf(SCHEME), limit);
  textAttribute(SERVER_ADDRESS, headers.viewOf(AUTHORITY), limit);
  textAttribute(USER_AGENT_ORIGINAL, headers.viewOf(USER_AGENT), limit);
  const forwarded = headers.viewOf(FORWARDED_FOR);
  if (forwarded != ABSENT) textAttribute(CLIENT_ADDRESS, presentSlice(slicePointer(forwarded), indexOf(forwarded, 44)), limit);
  const attributes = settings.attributes.attributes;
  for (let i = 0; i < attributes.length; i++) {
    const attribute = unchecked(attributes[i]);
    textAttribute(attribute.key, valueOf(attribute, headers, settings.attributes.maxLength), settings.attributes.maxLength);
  }
}

/** Where `byte` is, or the length when it is nowhere. */
function indexOf(text: Slice, byte: u8): u32 {
  const length = sliceLength(text);
  const start = slicePointer(text);
  for (let i: u32 = 0; i < length; i++) if (load<u8>(start + i) == byte) return i;
  return length;
}
