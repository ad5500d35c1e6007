/** What a request carries, decoded and signed, in the JSON of a local response; and how the writer takes a mistake. */
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
  HeaderList,
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
  sha256,
  sliceEquals,
  sliceLength,
  sliceToString,
  textSlice,
  timingSafeEqual,
  urlPath,
  urlQuery,
} from "../../../assembly/index";

const PATH = new HeaderName(":path");
const AUTHORIZATION = new HeaderName("authorization");
const INPUT = new HeaderName("x-input");

class Encodings extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    const path = headers.viewOf(PATH);
    const input = headers.viewOf(INPUT);
    const authorization = headers.viewOnly(AUTHORIZATION);
    const basic = basicCredentials(authorization);
    const json = new JsonWriter().beginObject();
    json.key("path").stringView(urlPath(path)).key("query").stringView(urlQuery(path));
    json.key("parameter").stringView(queryParameter(path, textSlice("name")));
    json.key("cookie").stringView(cookieOf(headers, textSlice("name")));
    json.key("bearer").stringView(bearerToken(authorization));
    json.key("user").stringView(basic == null ? ABSENT : basic.user);
    json.key("password").stringView(basic == null ? ABSENT : basic.password);
    json.key("encoded").beginArray().stringView(base64Encode(input)).stringView(base64UrlEncode(input));
    json.stringView(hexEncode(input)).stringView(percentEncode(input)).endArray();
    json.key("decoded").beginArray().stringView(base64Decode(input)).stringView(base64UrlDecode(input));
    json.stringView(hexDecode(input)).stringView(percentDecode(input)).endArray();
    json.key("sha256").stringView(hexEncode(sha256(input)));
    json.key("hmac").stringView(hexEncode(hmacSha256(textSlice("Jefe"), input)));
    json
      .key("equal")
      .boolean(timingSafeEqual(input, sha256(ABSENT)))
      .endObject();
    this.sendLocalResponse(200, json.toString(), new HeaderList().add("content-type", "application/json"));
    return HeadersStatus.StopIteration;
  }
}
registerHttpFilter<Encodings>("encodings");

/** Answers whether a body comes back from each encoding, with its digest. */
class Large extends HttpContext {
  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    const body = this.requestBody.view();
    const json = new JsonWriter().beginObject().key("size").unsigned(sliceLength(body));
    json.key("base64").boolean(sliceEquals(base64Decode(base64Encode(body)), body));
    json.key("hex").boolean(sliceEquals(hexDecode(hexEncode(body)), body));
    json.key("percent").boolean(sliceEquals(percentDecode(percentEncode(body)), body));
    json
      .key("sha256")
      .stringView(hexEncode(sha256(body)))
      .endObject();
    this.sendLocalResponse(200, json.toString());
    return DataStatus.StopIterationNoBuffer;
  }
}
registerHttpFilter<Large>("large");

class Mistaken extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const json = new JsonWriter().beginObject().string("a value without a key");
    this.sendLocalResponse(200, sliceToString(json.view));
    return HeadersStatus.StopIteration;
  }
}
registerHttpFilter<Mistaken>("mistaken");
