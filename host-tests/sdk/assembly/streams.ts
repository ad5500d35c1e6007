/** Plugins whose streams keep state, change bodies and trailers, answer from the proxy, log, and fail. */
import {
  Clock,
  DataStatus,
  HeaderList,
  HeadersStatus,
  HttpContext,
  LogLevel,
  log,
  PluginContext,
  Properties,
  random,
  registerPlugin,
  TrailersStatus,
} from "../../../assembly/index";

class Streams extends PluginContext {
  name: string = "";
  ticks: u32 = 0;

  onConfigure(): bool {
    this.name = this.configuration;
    if (this.name == "refused") return false;
    this.setTickPeriod(50);
    return true;
  }

  onTick(): void {
    if (++this.ticks == 2) log.info("ticked " + this.name);
  }

  createHttpContext(): HttpContext | null {
    return new Stream(this);
  }

  onDone(): bool {
    log.info("plugin done " + this.name);
    return true;
  }

  onDelete(): void {
    log.info("plugin deleted " + this.name);
  }
}

class Stream extends HttpContext {
  private path: string = "";
  private began: u64 = 0;
  private mode: string = "";

  constructor(private readonly parent: Streams) {
    super();
  }

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const path = this.requestHeaders.get(":path");
    this.path = path == null ? "" : path;
    this.began = Clock.now();
    const mode = this.requestHeaders.get("x-mode");
    this.mode = mode == null ? "" : mode;
    this.requestHeaders.set("x-plugin", this.parent.name);
    if (this.mode == "local") {
      this.sendLocalResponse(418, "short and stout", new HeaderList().add("x-local", "1").add("x-local", "2"));
      return HeadersStatus.StopIteration;
    }
    if (this.mode == "grpc") {
      this.sendLocalResponse(200, "", null, 7);
      return HeadersStatus.StopIteration;
    }
    if (this.mode == "throw") throw new Error("thrown on purpose");
    if (this.mode == "index") this.mode = this.mode.split("")[this.mode.length];
    if (this.mode == "log") {
      log.debug("a debug line");
      log.warn("a warning with ünïcode " + log.enabled(LogLevel.Debug).toString());
    }
    if (this.mode == "random") {
      this.requestHeaders.set("x-random", random().next().toString() + " " + random().next().toString());
      this.requestHeaders.set("x-clock", (Clock.now() / 1000000).toString());
      const protocol = Properties.get(["request", "protocol"]);
      this.requestHeaders.set(
        "x-properties",
        (protocol == null ? "null" : protocol) + " " + Properties.integer(["request", "size"], -1).toString(),
      );
    }
    if (this.mode.startsWith("body")) this.requestHeaders.remove("content-length");
    return HeadersStatus.Continue;
  }

  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    if (!this.mode.startsWith("body")) return DataStatus.Continue;
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    const text = this.requestBody.getText();
    const size = text == null ? -1 : text.length;
    if (this.mode == "body-append") this.requestBody.append(" size " + size.toString());
    else if (this.mode == "body-prepend") this.requestBody.prepend("size " + size.toString() + " ");
    else this.requestBody.replace("size " + size.toString() + " of " + bodySize.toString());
    return DataStatus.Continue;
  }

  onRequestTrailers(): TrailersStatus {
    this.requestTrailers.add("x-trailer-seen", "yes");
    return TrailersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.responseHeaders.set("x-path", this.path);
    this.responseHeaders.set("x-late", Clock.now() >= this.began ? "no" : "yes");
    if (this.mode == "response-body") this.responseHeaders.remove("content-length");
    return HeadersStatus.Continue;
  }

  onResponseBody(bodySize: u32, endOfStream: bool): DataStatus {
    if (this.mode == "response-body" && endOfStream) this.responseBody.append("!");
    return DataStatus.Continue;
  }

  onLog(): void {
    const status = this.responseHeaders.get(":status");
    log.info("logged " + this.path + " " + (status == null ? "null" : status));
  }

  onDelete(): void {
    log.info("deleted " + this.path);
  }
}

registerPlugin<Streams>("streams");
