/**
 * A filter that answers each callback as the request's headers ask, and tells in what order things happened: `events <x-id>: …` in the log when
 * the stream ends. What it found out goes upstream as `x-saw`, or to the client as `x-told`.
 */
import {
  DataStatus,
  Environment,
  Expression,
  Foreign,
  HeaderList,
  HeadersStatus,
  HttpContextOf,
  log,
  orDefault,
  PluginContext,
  PropertyType,
  registerConfiguredHttpFilter,
  Status,
  Timer,
  TrailersStatus,
} from "../../../assembly/index";

class Phases extends PluginContext {
  onCreate(): void {
    log.info("plugin created");
  }

  onVmStart(): bool {
    log.info("vm configuration '" + this.vmConfiguration + "'");
    return this.vmConfiguration != "refused";
  }

  onConfigure(): bool {
    const zone = Environment.get("ZONE");
    const empty = Environment.get("EMPTY");
    log.info(
      "environment " + orDefault(zone, "null") + " '" + orDefault(empty, "null") + "' " + (Environment.get("NONE") == null).toString(),
    );
    return true;
  }
}

class Resume extends Timer {
  constructor(
    private readonly stream: Phase,
    private readonly request: bool,
  ) {
    super();
  }

  onTimer(): void {
    // The timer's callback is the plugin's: without this the hostcalls would act for the plugin context.
    if (!this.stream.makeEffective()) return;
    this.stream.note(this.request ? "request resumed" : "response resumed");
    if (this.request) this.stream.continueRequest();
    else this.stream.continueResponse();
  }
}

/** What a request asks of its callbacks; a status as its number. */
class Wishes {
  requestHeaders: HeadersStatus = HeadersStatus.Continue;
  requestBody: DataStatus = DataStatus.Continue;
  requestTrailers: TrailersStatus = TrailersStatus.Continue;
  responseHeaders: HeadersStatus = HeadersStatus.Continue;
  responseBody: DataStatus = DataStatus.Continue;
  responseTrailers: TrailersStatus = TrailersStatus.Continue;
  request: string = "";
  response: string = "";
}

class Phase extends HttpContextOf<Phases> {
  private asked: string = "";
  private events: string = "";
  private wishes: Wishes = new Wishes();
  private received: u32 = 0;

  note(event: string): void {
    this.events += this.events.length > 0 ? ", " + event : event;
  }

  private wish(name: string): i32 {
    const value = this.requestHeaders.get("x-" + name);
    return value == null ? 0 : <i32>I32.parseInt(value);
  }

  private resumeLater(request: bool): void {
    this.plugin.after(100, new Resume(this, request));
  }

  onCreate(): void {
    this.note("created");
  }

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.note("request headers" + (endOfStream ? " end" : ""));
    const id = this.requestHeaders.get("x-id");
    this.asked = orDefault(id, "");
    const wishes = this.wishes;
    wishes.requestHeaders = this.wish("request-headers");
    wishes.requestBody = this.wish("request-body");
    wishes.requestTrailers = this.wish("request-trailers");
    wishes.responseHeaders = this.wish("response-headers");
    wishes.responseBody = this.wish("response-body");
    wishes.responseTrailers = this.wish("response-trailers");
    const request = this.requestHeaders.get("x-request");
    wishes.request = orDefault(request, "");
    const response = this.requestHeaders.get("x-response");
    wishes.response = orDefault(response, "");
    if (wishes.request == "reset") this.note("reset " + (<i32>this.resetStream()).toString());
    if (wishes.request == "map") this.tellMap();
    if (wishes.request.startsWith("splice") || wishes.request == "whole") this.willChangeRequestBody();
    if (stops(wishes.requestHeaders) && wishes.request != "hold" && wishes.request != "reset") this.resumeLater(true);
    return wishes.requestHeaders;
  }

  private tellMap(): void {
    const headers = this.requestHeaders;
    const before = headers.byteSize;
    headers.add("x-four", "4444");
    const saw = ["grew by " + (headers.byteSize - before).toString(), "not there " + this.responseHeaders.byteSize.toString()];
    saw.push("bad " + (<i32>headers.replaceAll(new HeaderList().add("x bad", "1"))).toString());
    saw.push("still " + headers.get("x-four")!);
    const all = new HeaderList().add("X-One", "1").add("x-one", "2").add("x-empty", "");
    saw.push("replaced " + (<i32>headers.replaceAll(all)).toString() + " " + headers.getAll("x-one").join("|"));
    saw.push("gone " + (headers.get("x-four") == null).toString());
    saw.push("no response yet " + (<i32>this.responseHeaders.replaceAll(all)).toString());
    for (let i = 0; i < saw.length; i++) headers.add("x-saw", saw[i]);
  }

  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    const body = this.requestBody;
    if (body.size != bodySize) this.note("size is " + body.size.toString());
    this.note("request body " + bodySize.toString() + (endOfStream ? " end" : ""));
    const request = this.wishes.request;
    if (request == "hold") {
      if (!endOfStream) return DataStatus.StopIterationAndBuffer;
      body.replace("held until it was known");
      this.note("corrected " + (<i32>this.correctRequestLength()).toString());
      return DataStatus.Continue;
    }
    if (request == "late") this.note("corrected " + (<i32>this.correctRequestLength()).toString());
    if (request.startsWith("splice ")) {
      if (!endOfStream) return DataStatus.StopIterationAndBuffer;
      const parts = request.split(" ");
      const status = body.splice(<u32>U32.parseInt(parts[1]), <u32>U32.parseInt(parts[2]), parts.length > 3 ? parts[3] : "");
      this.note("spliced " + (<i32>status).toString() + " to " + body.size.toString());
      this.note("no response body " + (<i32>this.responseBody.splice(0, 0, "x")).toString());
      return DataStatus.Continue;
    }
    if (request == "whole") {
      // Nothing is kept but the count: the host drops what came.
      this.received += bodySize;
      if (!endOfStream) return DataStatus.StopIterationNoBuffer;
      body.replace(this.received.toString() + " bytes");
      return DataStatus.Continue;
    }
    return endOfStream ? DataStatus.Continue : this.wishes.requestBody;
  }

  onRequestTrailers(): TrailersStatus {
    const value = this.requestTrailers.get("x-sent");
    this.note("request trailers " + orDefault(value, "null"));
    this.requestTrailers.set("x-added", "by the filter");
    this.requestTrailers.remove("x-secret");
    if (this.wishes.requestTrailers == TrailersStatus.StopIteration) this.resumeLater(true);
    return this.wishes.requestTrailers;
  }

  onRequestMetadata(count: u32): void {
    this.note("request metadata " + count.toString());
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.note("response headers" + (endOfStream ? " end" : ""));
    if (this.wishes.response == "replace") this.willChangeResponseBody();
    if (stops(this.wishes.responseHeaders) && this.wishes.response != "hold") this.resumeLater(false);
    return this.wishes.responseHeaders;
  }

  onResponseBody(bodySize: u32, endOfStream: bool): DataStatus {
    this.note("response body" + (endOfStream ? " end" : ""));
    const response = this.wishes.response;
    if (response == "") return endOfStream ? DataStatus.Continue : this.wishes.responseBody;
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    this.responseBody.replace("another answer");
    if (response == "hold") this.note("corrected " + (<i32>this.correctResponseLength()).toString());
    return DataStatus.Continue;
  }

  onResponseTrailers(): TrailersStatus {
    const value = this.responseTrailers.get("x-sent");
    this.note("response trailers " + orDefault(value, "null"));
    this.responseTrailers.set("x-added", "by the filter");
    if (this.wishes.responseTrailers == TrailersStatus.StopIteration) this.resumeLater(false);
    return this.wishes.responseTrailers;
  }

  onResponseMetadata(count: u32): void {
    this.note("response metadata " + count.toString());
  }

  onLog(): void {
    this.note("log");
  }

  onDone(): bool {
    this.note("done");
    return true;
  }

  onDelete(): void {
    this.note("delete");
    log.info("events " + this.asked + ": " + this.events + ";");
  }
}

function stops(status: HeadersStatus): bool {
  return status != HeadersStatus.Continue && status != HeadersStatus.ContinueAndEndStream;
}

registerConfiguredHttpFilter<Phases, Phase>("phases");

class Crypto extends PluginContext {
  onConfigure(): bool {
    const config = this.readConfig("crypto");
    const text = Uint8Array.wrap(String.UTF8.encode("signed text"));
    const signature = Foreign.sign("sha256", config.root.get("private").required(), text);
    if (signature == null) return false;
    const key = config.root.get("public").required();
    const good = Foreign.verifySignaturePem(key, "sha256", signature, text);
    signature[0] ^= 1;
    log.info("signed " + good.toString() + " forged " + Foreign.verifySignaturePem(key, "sha256", signature, text).toString());
    const first = Foreign.declareProperty("a", PropertyType.String) == Status.Ok;
    log.info("declared " + first.toString() + " again " + (<i32>Foreign.declareProperty("a", PropertyType.String)).toString());
    const expression = Expression.create("1 + 1");
    if (expression == null) return false;
    const deleted = <i32>expression.delete();
    log.info("deleted " + deleted.toString() + " then " + (expression.text() == null ? "absent" : "there"));
    return true;
  }
}
registerConfiguredHttpFilter<Crypto, HttpContextOf<Crypto>>("crypto");

/** Envoy looks this export up and never calls it; what a plugin has to say of its configuration it says in `onConfigure`. */
export function proxy_validate_configuration(contextId: u32, size: u32): u32 {
  log.info("validate_configuration was called");
  return 0;
}
