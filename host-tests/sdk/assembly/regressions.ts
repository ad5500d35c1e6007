/** What other AssemblyScript SDKs get wrong, done here; see host-tests/sdk/regressions.test.ts. */
import {
  CallOutcome,
  HeadersStatus,
  HttpCall,
  HttpCallHandler,
  HttpCallResponse,
  HttpContext,
  HttpContextOf,
  LogLevel,
  log,
  orDefault,
  PluginContext,
  registerConfiguredHttpFilter,
  registerHttpFilter,
} from "../../../assembly/index";

// Hostcalls at the top level of a module run before it has any context.
log.info("at the top level");
log.debug("at the top level, too: debug " + log.enabled(LogLevel.Debug).toString());

/** Compares header values as a careless filter would. */
class Bytes extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const user = this.requestHeaders.get("x-user-id");
    const bytes = this.requestHeaders.getBytes("x-user-id");
    if (user == null || bytes == null) return HeadersStatus.Continue;
    const isAdmin = user == "admin" || this.requestHeaders.equals("x-user-id", "admin");
    const codes: string[] = [];
    for (let i = 0; i < user.length; i++) codes.push(user.charCodeAt(i).toString(16));
    this.requestHeaders.add("x-saw", (isAdmin ? "admin " : "other ") + codes.join(" ") + " of " + bytes.length.toString());
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Bytes>("bytes");

/** Waits for an answer with an object that nobody but the SDK holds. */
class Remembers extends HttpCallHandler<Waits> {
  private readonly parts: string[];

  constructor(id: string) {
    super();
    this.parts = ["answer", "for", id];
  }

  onResponse(context: Waits, response: HttpCallResponse): void {
    litter();
    const text = response.body.getText();
    context.requestHeaders.add("x-saw", this.parts.join(" ") + " of " + context.tag + ": " + orDefault(text, "null"));
    context.continueRequest();
  }
}

class Waits extends HttpContext {
  tag: string = "";

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const id = this.requestHeaders.get("x-id");
    this.tag = orDefault(id, "null");
    litter();
    const call = new HttpCall("answer");
    // On a loaded machine hundreds of them take their time.
    call.timeout = 10000;
    call.path = "/" + this.tag;
    if (call.send<Waits>(this, new Remembers(this.tag)) != CallOutcome.Sent) return HeadersStatus.Continue;
    return HeadersStatus.StopAllIterationAndWatermark;
  }
}
registerHttpFilter<Waits>("waits");

/** Makes enough garbage that it is collected in every other callback. */
function litter(): void {
  for (let i = 0; i < 200; i++) new Array<i32>(64).fill(i);
}

/** Asks for what its callbacks return: once more than it is wanted, or against it. */
class Eager extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.continueRequest();
    return this.requestHeaders.has("x-stop") ? HeadersStatus.StopAllIterationAndWatermark : HeadersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.continueResponse();
    this.responseHeaders.add("x-passes", "once");
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Eager>("eager");

class Counts extends PluginContext {
  made: i32 = 0;
  live: string[] = [];

  /** What the debug log would say; costly, as it goes through all that is alive. */
  describe(): string {
    this.made++;
    return "live: " + this.live.join(", ");
  }
}

class Debugs extends HttpContextOf<Counts> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.plugin.live.push(this.id.toString());
    if (log.enabled(LogLevel.Debug)) log.debug(this.plugin.describe());
    this.requestHeaders.set("x-made", this.plugin.made.toString());
    return HeadersStatus.Continue;
  }

  onCreate(): void {}
  onLog(): void {}
  onDelete(): void {}
}
registerConfiguredHttpFilter<Counts, Debugs>("debugs");
