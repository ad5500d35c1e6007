/** What the fuzzer has decoded, signed and written; results go out as hexadecimal digits, "absent" where there is none. */
import {
  ABSENT,
  base64Decode,
  base64Encode,
  base64UrlDecode,
  base64UrlEncode,
  basicCredentials,
  bearerToken,
  cookieOf,
  DataStatus,
  HeaderMap,
  HeaderName,
  HeadersStatus,
  HttpContext,
  hexDecode,
  hexEncode,
  hmacSha256,
  JsonWriter,
  percentDecode,
  percentEncode,
  queryParameter,
  registerHttpFilter,
  Slice,
  sha256,
  sliceLength,
  slicePart,
  sliceToBytes,
  sliceToString,
  textSlice,
  urlPath,
  urlQuery,
} from "../../../assembly/index";

const INPUT = new HeaderName("x-input");
const PATH = new HeaderName(":path");
const AUTHORIZATION = new HeaderName("authorization");

function tell(headers: HeaderMap, name: string, value: Slice): void {
  headers.set(name, value == ABSENT ? "absent" : sliceToString(hexEncode(value)));
}

/** Answers with all that can be read from `x-input`, `authorization`, `cookie` and `:path`. */
class Codecs extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    const input = headers.viewOf(INPUT);
    const path = headers.viewOf(PATH);
    const authorization = headers.viewOf(AUTHORIZATION);
    const basic = basicCredentials(authorization);
    tell(headers, "x-cookie", cookieOf(headers, textSlice("name")));
    tell(headers, "x-base64-encode", base64Encode(input));
    tell(headers, "x-base64-decode", base64Decode(input));
    tell(headers, "x-base64url-encode", base64UrlEncode(input));
    tell(headers, "x-base64url-decode", base64UrlDecode(input));
    tell(headers, "x-hex-decode", hexDecode(input));
    tell(headers, "x-percent-encode", percentEncode(input));
    tell(headers, "x-percent-decode", percentDecode(input));
    tell(headers, "x-sha256", sha256(input));
    // The path is the key.
    tell(headers, "x-hmac", hmacSha256(path, input));
    tell(headers, "x-path", urlPath(path));
    tell(headers, "x-query", urlQuery(path));
    tell(headers, "x-parameter", queryParameter(path, textSlice("a b")));
    tell(headers, "x-bearer", bearerToken(authorization));
    tell(headers, "x-user", basic == null ? ABSENT : basic.user);
    tell(headers, "x-password", basic == null ? ABSENT : basic.password);
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Codecs>("codecs");

/** Writes a body as JSON: its bytes as a string, its UTF-16 units as another, and its words as numbers. */
class Written extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.willChangeRequestBody();
    return HeadersStatus.Continue;
  }

  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    const body = this.requestBody.view();
    const size = sliceLength(body);
    const writer = new JsonWriter().beginObject().key("view").stringView(body);
    const words = sliceToBytes(slicePart(body, 0, size & ~7));
    writer.key("text").string(String.UTF16.decodeUnsafe(changetype<usize>(words), words.length));
    writer.key("numbers").beginArray();
    for (let at: usize = 0; at < <usize>words.length; at += 8) writer.number(load<f64>(changetype<usize>(words) + at));
    writer.endArray().key("integers").beginArray();
    for (let at: usize = 0; at < <usize>words.length; at += 8) {
      writer.integer(load<i64>(changetype<usize>(words) + at)).unsigned(load<u64>(changetype<usize>(words) + at));
    }
    writer.endArray().key(sliceToString(body)).boolean(true);
    this.requestBody.replaceBytes(writer.endObject().toBytes());
    return DataStatus.Continue;
  }
}
registerHttpFilter<Written>("written");
