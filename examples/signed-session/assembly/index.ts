/** Lets requests pass that carry a session with a valid signature, and answers others with 401 and a JSON body. */
import {
  ABSENT,
  base64UrlDecode,
  Clock,
  cookieOf,
  Environment,
  HeaderList,
  HeaderName,
  HeadersStatus,
  HttpContextOf,
  hexDecode,
  hmacSha256,
  JsonParser,
  JsonType,
  JsonWriter,
  orDefault,
  PluginContext,
  registerConfiguredHttpFilter,
  Slice,
  Status,
  sliceEquals,
  sliceIndexOf,
  sliceLength,
  sliceOfBytes,
  slicePart,
  sliceToBytes,
  sliceToString,
  textSlice,
  timingSafeEqual,
  urlPath,
} from "meshwright/assembly";

const PATH = new HeaderName(":path");
const DOT: u8 = 46;
const KEY_SIZE: u32 = 32;
const SECOND: u64 = 1_000_000_000;

class Settings extends PluginContext {
  cookie: string = "";
  /** Views end with the callback, so what stays is copied. */
  private readonly keys: StaticArray<u8>[] = [];
  private readonly open: StaticArray<u8>[] = [];

  onConfigure(): bool {
    const config = this.readConfig("signed-session");
    config.root.allow(["cookie", "keys_env", "open"]);
    this.cookie = config.root.get("cookie").string("session");
    const open = config.root.get("open").items();
    for (let i = 0; i < open.length; i++) this.open.push(sliceToBytes(textSlice(open[i].required())));
    const variable = config.root.get("keys_env");
    const keys = Environment.get(variable.string("SESSION_KEYS"));
    const digits = orDefault(keys, "").split(",");
    for (let i = 0; i < digits.length; i++) {
      const key = hexDecode(textSlice(digits[i].trim()));
      if (sliceLength(key) >= KEY_SIZE) this.keys.push(sliceToBytes(key));
    }
    // What is no key is not shown: it may be most of one.
    if (this.keys.length < digits.length)
      variable.problem("expected a variable with keys of 64 hexadecimal digits or more, divided by commas");
    return config.ok || this.refuse(config);
  }

  isOpen(path: Slice): bool {
    for (let i = 0; i < this.open.length; i++) if (sliceEquals(path, sliceOfBytes(this.open[i]))) return true;
    return false;
  }

  /** What a session says, `<base64url of it>.<base64url of its HMAC>`; `ABSENT` when none of the keys has signed it. */
  verified(session: Slice): Slice {
    const dot = sliceIndexOf(session, DOT);
    if (dot < 0) return ABSENT;
    const claims = slicePart(session, 0, dot);
    const signature = base64UrlDecode(slicePart(session, dot + 1, sliceLength(session)));
    for (let i = 0; i < this.keys.length; i++) {
      if (timingSafeEqual(signature, hmacSha256(sliceOfBytes(this.keys[i]), claims))) return base64UrlDecode(claims);
    }
    return ABSENT;
  }
}

class Stream extends HttpContextOf<Settings> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    // Only a session says who the user is, never the client.
    headers.remove("x-user-id");
    if (this.plugin.isOpen(urlPath(headers.viewOf(PATH)))) return HeadersStatus.Continue;
    const claims = this.plugin.verified(cookieOf(headers, textSlice(this.plugin.cookie)));
    if (claims == ABSENT) return this.refuse("there is no valid session");
    const session = new JsonParser(sliceToString(claims)).parse();
    if (session == null) return this.refuse("the session is no JSON");
    const user = session.member("sub");
    const expires = session.member("exp");
    if (user == null || user.type != JsonType.String || user.text.length == 0) return this.refuse("the session has no user");
    if (expires == null || expires.type != JsonType.Number || expires.number <= <f64>(Clock.now() / SECOND)) {
      return this.refuse("the session of " + user.text + " has ended");
    }
    return headers.set("x-user-id", user.text) == Status.Ok ? HeadersStatus.Continue : this.refuse("the user can't be in a header");
  }

  private refuse(reason: string): HeadersStatus {
    const body = new JsonWriter().beginObject().key("error").string("unauthorized").key("reason").string(reason);
    // As the client sent it: the writer escapes it.
    body.key("path").stringView(this.requestHeaders.viewOf(PATH)).endObject();
    const headers = new HeaderList().add("content-type", "application/json").add("cache-control", "no-store");
    headers.add("www-authenticate", "Cookie cookie-name=" + this.plugin.cookie);
    this.sendLocalResponse(401, body.toString() + "\n", headers);
    return HeadersStatus.StopIteration;
  }
}
registerConfiguredHttpFilter<Settings, Stream>("signed-session");
