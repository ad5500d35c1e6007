import { Clock, HeaderMap, HeaderName, HeadersStatus, HttpContextOf, Properties } from "../../sdk/index";
import { decimal } from "../../std/decimal";
import { ABSENT, presentSlice, Slice, sliceLength, sliceOfBytes, slicePart, slicePointer } from "../../std/slice";
import { isSampled } from "../../std/trace-context";
import { utf8Bytes } from "../../std/utf8";
import { valueOf } from "../span-attributes/filter";
import { correct } from "./behind-tracer";
import { TraceContextPlugin } from "./config";
import { ExportSettings } from "./export-settings";
import { parentId, propagate, untrusted } from "./filter";
import { kindOfListener } from "./listener-kind";
import { attributeKey, begin, begun, finish, link, numberAttribute, resume, SpanKind, textAttribute } from "./span-record";

const METHOD = new HeaderName(":method");
const PATH = new HeaderName(":path");
const SCHEME = new HeaderName(":scheme");
const AUTHORITY = new HeaderName(":authority");
const USER_AGENT = new HeaderName("user-agent");
const FORWARDED_FOR = new HeaderName("x-forwarded-for");

/** As bytes, because a path put together for each stream would be garbage of each. */
const RESPONSE_CODE = utf8Bytes("response\0code");

// The names of OpenTelemetry's semantic conventions for HTTP.
const HTTP_METHOD = attributeKey("http.request.method");
const HTTP_STATUS = attributeKey("http.response.status_code");
const URL_PATH = attributeKey("url.path");
const URL_QUERY = attributeKey("url.query");
const URL_SCHEME = attributeKey("url.scheme");
const SERVER_ADDRESS = attributeKey("server.address");
const CLIENT_ADDRESS = attributeKey("client.address");
const USER_AGENT_ORIGINAL = attributeKey("user_agent.original");
const ERROR_TYPE = attributeKey("error.type");
const NO_RESPONSE = utf8Bytes("no_response");
const HTTP = utf8Bytes("HTTP");

/** A stream whose span somebody else exports, or nobody. */
export class TraceContext extends HttpContextOf<TraceContextPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const settings = this.plugin.settings;
    if (settings.behindTracer) correct(this.requestHeaders);
    else propagate(settings, this.requestHeaders);
    return HeadersStatus.Continue;
  }
}

/**
 * A stream whose span this filter exports: what the request tells is written down at once, the rest when the stream has ended. What is kept
 * until then is in `Drafts`.
 */
export class ExportingTraceContext extends HttpContextOf<TraceContextPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    const traceparent = propagate(this.plugin.settings, headers);
    const settings = this.plugin.export;
    const exporter = this.plugin.exporter;
    if (settings == null || exporter == null) return HeadersStatus.Continue;
    const sampled = isSampled(traceparent);
    if (!sampled && !settings.hasAlways) return HeadersStatus.Continue;
    const draft = exporter.drafts.begin(this.id);
    draft.sampled = sampled;
    draft.startNs = Clock.now();
    draft.kind = settings.kind == SpanKind.Auto ? kindOfListener(settings.keepsKind) : settings.kind;
    // One read of all headers, also where the requests before were not sampled and the map has learned to read one by one.
    const count = headers.size;
    const method = count == 0 ? ABSENT : headers.viewOf(METHOD);
    begin(traceparent, parentId, method == ABSENT ? sliceOfBytes(HTTP) : method, draft.kind, draft.startNs);
    if (untrusted != ABSENT) link(untrusted);
    requestAttributes(settings, headers, method);
    draft.keep(begun());
    return HeadersStatus.Continue;
  }

  /** Not `onLog`: this one the module has anyway, for the plugin context, and each callback is one that all requests pay. */
  onDone(): bool {
    const settings = this.plugin.export;
    const exporter = this.plugin.exporter;
    if (settings == null || exporter == null) return true;
    const draft = exporter.drafts.end(this.id);
    if (draft == null) return true;
    const now = Clock.now();
    // The clock of the host may be set back.
    const end = now > draft.startNs ? now : draft.startNs;
    const code = Properties.integerOf(sliceOfBytes(RESPONSE_CODE), 0);
    // No code: the client went away, or nothing could be sent.
    const failed = code <= 0 || code >= (draft.kind == SpanKind.Client ? 400 : 500);
    const slow = settings.alwaysSlowerNs > 0 && end - draft.startNs > settings.alwaysSlowerNs;
    if (!draft.sampled && !slow && !(failed && settings.alwaysErrors)) return true;
    resume();
    if (code > 0) numberAttribute(HTTP_STATUS, <u32>code);
    if (failed) textAttribute(ERROR_TYPE, code > 0 ? sliceOfBytes(utf8Bytes(decimal(code))) : sliceOfBytes(NO_RESPONSE), 16);
    exporter.add(draft.span, finish(end, failed));
    return true;
  }
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
    textAttribute(unchecked(settings.keys[i]), valueOf(attribute, headers, settings.attributes.maxLength), settings.attributes.maxLength);
  }
}

/** Where `byte` is, or the length when it is nowhere. */
function indexOf(text: Slice, byte: u8): u32 {
  const length = sliceLength(text);
  const start = slicePointer(text);
  for (let i: u32 = 0; i < length; i++) if (load<u8>(start + i) == byte) return i;
  return length;
}
