/** A filter that does, for each request, what its `x-do` header says, and tells in `x-saw` request headers what came of it. */
import {
  Attributes,
  Body,
  CallOutcome,
  Counter,
  CounterFamily,
  Expression,
  Foreign,
  Gauge,
  GrpcCall,
  GrpcResponse,
  GrpcStatus,
  GrpcStream,
  GrpcStreamHandler,
  HeaderMap,
  HeaderSnapshot,
  HeadersStatus,
  Histogram,
  HttpCall,
  HttpCallHandler,
  HttpCallResponse,
  HttpContext,
  HttpContextOf,
  LifeSpan,
  log,
  orDefault,
  PluginContext,
  Properties,
  PropertyType,
  registerConfiguredHttpFilter,
  registerPlugin,
  SharedData,
  SharedQueue,
  SharedUpdate,
  Status,
  Timer,
} from "../../../assembly/index";

/** Milliseconds for a call that is answered, so many that on a loaded machine, too, it is. */
const ANSWERED: u32 = 10000;

class Increment extends SharedUpdate {
  next(current: Uint8Array | null): Uint8Array | null {
    const next = new Uint8Array(1);
    next[0] = current == null || current.length == 0 ? 1 : current[0] + 1;
    return next;
  }
}

class Beat extends Timer {
  count: i32 = 0;

  constructor(
    private readonly name: string,
    private readonly limit: i32,
  ) {
    super();
  }

  onTimer(): void {
    this.count++;
    log.info(this.name + " " + this.count.toString());
    if (this.count == this.limit) this.stop();
  }
}

function grpcCluster(what: string): string {
  if (what == "grpc-mesh") return "outbound|9090|v1|grpc.test";
  if (what == "grpc-mesh-unknown") return "outbound|9090||nowhere.test";
  return what == "grpc-unknown" ? "nowhere" : "grpc";
}

class Doer extends PluginContext {
  requests: Counter = new Counter("doer.requests");
  level: Gauge = new Gauge("doer.level");
  sizes: Histogram = new Histogram("doer.sizes");
  tenants: CounterFamily = new CounterFamily("doer.tenants", ["tenant"], 3);
  path: Expression | null = null;
  isGet: Expression | null = null;
  queue: SharedQueue | null = null;

  onConfigure(): bool {
    this.path = Expression.create("request.url_path");
    this.isGet = Expression.create("request.method == 'GET'");
    this.queue = SharedQueue.register("jobs");
    Foreign.declareProperty("declared", PropertyType.String, false, LifeSpan.DownstreamRequest);
    if (this.configuration == "timers") {
      this.every(50, new Beat("every", 3));
      this.after(120, new Beat("after", 9));
    }
    if (this.configuration == "call") {
      const call = new HttpCall("answer");
      call.path = "/from-the-plugin";
      call.timeout = ANSWERED;
      call.then<Doer>(this, (plugin, response) => log.info("plugin call " + response.status.toString()));
    }
    return true;
  }

  onQueueReady(queueId: u32): void {
    const queue = this.queue;
    if (queue == null) return;
    for (let job = queue.dequeue(); job != null; job = queue.dequeue()) log.info("job " + String.UTF8.decode(job.buffer));
  }
}

class Remember extends HttpCallHandler<Does> {
  constructor(private readonly what: string) {
    super();
  }

  onResponse(context: Does, response: HttpCallResponse): void {
    context.saw(this.what + " " + outcome(response.outcome) + " " + response.status.toString());
    context.continueRequest();
  }
}

class Echoed extends GrpcStreamHandler<Does> {
  received: i32 = 0;
  told: string = "";

  constructor(private readonly stream: GrpcStream) {
    super();
  }

  onInitialMetadata(context: Does, metadata: HeaderMap): void {
    const value = metadata.get("x-initial");
    this.told += "initial " + orDefault(value, "null") + "; ";
  }

  onMessage(context: Does, message: Body, size: u32): void {
    const text = message.getText();
    this.told += "message " + orDefault(text, "null") + "; ";
    if (++this.received == 2) this.stream.close();
  }

  onTrailingMetadata(context: Does, metadata: HeaderMap): void {
    const value = metadata.get("x-trailing");
    this.told += "trailing " + orDefault(value, "null") + "; ";
  }

  onClose(context: Does, status: GrpcStatus, statusMessage: string): void {
    context.saw(this.told + "closed " + (<i32>status).toString() + " " + statusMessage);
    context.continueRequest();
  }
}

/** Resets the stream when the first message has come. */
class Impatient extends GrpcStreamHandler<Does> {
  constructor(private readonly stream: GrpcStream) {
    super();
  }

  onMessage(context: Does, message: Body, size: u32): void {
    const cancelled = this.stream.cancel();
    context.saw("cancelled " + (<i32>cancelled).toString() + " send " + (<i32>this.stream.send(bytes("late"))).toString());
    context.continueRequest();
  }

  onClose(context: Does, status: GrpcStatus, statusMessage: string): void {
    log.error("a cancelled stream was closed with " + (<i32>status).toString());
  }
}

function outcome(value: CallOutcome): string {
  const names = ["sent", "success", "failed", "unknown cluster", "refused"];
  return names[value];
}

function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

class Does extends HttpContextOf<Doer> {
  private snapshot: HeaderSnapshot | null = null;

  saw(what: string): void {
    this.requestHeaders.add("x-saw", what);
  }

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const doing = this.requestHeaders.get("x-do");
    const what = orDefault(doing, "");
    if (what.startsWith("http")) return this.callHttp(what);
    if (what.startsWith("grpc")) return this.callGrpc(what);
    if (what == "snapshot") {
      this.requestHeaders.add("x-list", "3");
      this.snapshot = this.snapshotRequestHeaders();
    } else if (what == "shared") this.share();
    else if (what == "queue") {
      const queue = SharedQueue.resolve("one", "jobs");
      this.saw(
        queue == null ? "no queue" : "queued " + (<i32>queue.enqueueText("j1")).toString() + (<i32>queue.enqueueText("")).toString(),
      );
      this.saw(SharedQueue.resolve("one", "absent") == null ? "no such queue" : "a queue");
    } else if (what == "metrics") this.measure();
    else if (what == "attributes") this.tellAttributes();
    else if (what == "foreign") this.callForeign();
    else if (what == "route") {
      this.requestHeaders.set("x-route", "other");
      this.saw("cleared " + (<i32>Foreign.clearRouteCache()).toString());
    }
    return HeadersStatus.Continue;
  }

  private callHttp(what: string): HeadersStatus {
    const call = new HttpCall(
      what == "http-unknown" ? "nowhere" : what == "http-dead" ? "dead" : what == "http-mesh" ? "outbound|8080||answer.test" : "answer",
    );
    call.path = what == "http-slow" ? "/slow" : what == "http-busy" ? "/busy" : "/answer";
    call.timeout = what == "http-slow" ? 150 : ANSWERED;
    call.headers.add("x-mine", "1").add("x-mine", "2");
    call.propagate(this.requestHeaders);
    let started: CallOutcome;
    if (what == "http-post") {
      call.method = "POST";
      call.setBody("asked ü");
      started = call.then<Does>(this, (context, response) => {
        const text = response.body.getText();
        const header = response.headers.get("x-answer");
        context.saw("body " + orDefault(text, "null") + " of " + response.bodySize.toString() + " header " + orDefault(header, "null"));
        context.continueRequest();
      });
    } else started = call.send<Does>(this, new Remember(what));
    if (started == CallOutcome.Sent) return HeadersStatus.StopAllIterationAndWatermark;
    this.saw(what + " " + outcome(started));
    return HeadersStatus.Continue;
  }

  private callGrpc(what: string): HeadersStatus {
    if (what == "grpc-cancel") {
      const stream = new GrpcStream("grpc", "test.Echo", "Talk");
      if (stream.start<Does>(this, new Impatient(stream)) != CallOutcome.Sent) return HeadersStatus.Continue;
      stream.send(bytes("one"));
      return HeadersStatus.StopAllIterationAndWatermark;
    }
    if (what == "grpc-stream") {
      const stream = new GrpcStream("grpc", "test.Echo", "Talk");
      stream.metadata.add("x-asked", "yes");
      if (stream.start<Does>(this, new Echoed(stream)) != CallOutcome.Sent) return HeadersStatus.Continue;
      stream.send(bytes("one"));
      stream.send(bytes("two"));
      return HeadersStatus.StopAllIterationAndWatermark;
    }
    const call = new GrpcCall(grpcCluster(what), "test.Echo", what == "grpc-fail" ? "Fail" : "Say");
    call.timeout = ANSWERED;
    call.metadata.add("x-asked", "yes");
    const started = call.then<Does>(this, bytes("hello"), (context: Does, response: GrpcResponse) => {
      const text = response.message.getText();
      const said = response.status == GrpcStatus.Ok ? orDefault(text, "null") : response.statusMessage;
      context.saw("grpc " + (<i32>response.status).toString() + " " + said);
      context.continueRequest();
    });
    if (started == CallOutcome.Sent) return HeadersStatus.StopAllIterationAndWatermark;
    this.saw(what + " " + outcome(started));
    return HeadersStatus.Continue;
  }

  private share(): void {
    const before = SharedData.get("text");
    this.saw(before == null ? "absent" : "there " + before.text);
    SharedData.setText("text", "value");
    const value = SharedData.get("text");
    if (value == null) return;
    this.saw("set " + value.text);
    this.saw("stale " + (<i32>SharedData.compareAndSet("text", bytes("other"), value.version + 1)).toString());
    this.saw("fresh " + (<i32>SharedData.compareAndSet("text", bytes(""), value.version)).toString());
    const empty = SharedData.get("text");
    this.saw("empty " + (empty == null ? "null" : empty.bytes.length.toString()));
    for (let i = 0; i < 3; i++) SharedData.update("count", new Increment());
    const count = SharedData.get("count");
    this.saw("count " + (count == null ? "null" : count.bytes[0].toString()));
  }

  private measure(): void {
    const plugin = this.plugin;
    plugin.requests.increment();
    plugin.requests.increment(4);
    this.saw("zero " + (<i32>plugin.requests.increment(0)).toString() + " counter " + plugin.requests.value.toString());
    plugin.level.set(7);
    plugin.level.add(-3);
    this.saw("gauge " + plugin.level.value.toString());
    this.saw("histogram " + (<i32>plugin.sizes.record(12)).toString());
    const tenants = ["acme", "globex", "a;b=c.d", "fourth", "fifth", "acme"];
    for (let i = 0; i < tenants.length; i++) plugin.tenants.with([tenants[i]]).increment();
    this.saw("series " + plugin.tenants.size.toString() + " other " + plugin.tenants.with(["sixth"]).value.toString());
  }

  private tellAttributes(): void {
    const path = Attributes.request.path;
    const method = Attributes.request.method;
    this.saw(orDefault(path, "null") + " " + orDefault(method, "null"));
    this.saw("code " + Attributes.response.code.toString() + " mtls " + Attributes.connection.mtls.toString());
    const header = Attributes.request.header("x-list");
    this.saw("header " + orDefault(header, "null"));
    const rootId = Attributes.plugin.rootId;
    this.saw("root " + orDefault(rootId, "null") + " time " + (Attributes.request.time > 1600000000000000000).toString());
    const absent = Attributes.response.codeDetails;
    this.saw(absent == null ? "no details yet" : "details " + absent);
    const url = this.plugin.path;
    const get = this.plugin.isGet;
    let urlPath: string | null = null;
    if (url != null) urlPath = url.text();
    this.saw("cel " + orDefault(urlPath, "null") + " " + (get != null && get.test()).toString());
    Properties.set("plain", "set here");
    const state = Attributes.filterState("wasm.plain");
    this.saw("state " + orDefault(state, "null"));
  }

  private callForeign(): void {
    const text = bytes("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    const small = Foreign.compress(text);
    let again: Uint8Array | null = null;
    if (small != null) again = Foreign.uncompress(small);
    this.saw(
      "compressed " +
        (small != null && small.length < text.length).toString() +
        " " +
        (again != null && again.length == text.length).toString(),
    );
    this.saw("rubbish " + (Foreign.uncompress(text) == null).toString());
    this.saw("state " + (<i32>Foreign.setEnvoyFilterState("envoy.string", "by the filter", LifeSpan.DownstreamRequest)).toString());
    const read = Attributes.filterState("envoy.string");
    this.saw("read " + orDefault(read, "null"));
    this.saw("no such " + (<i32>Foreign.call("absent", 0)).toString());
    this.saw("bad signature " + Foreign.verifySignature(text, "sha256", text, text).toString());
    this.saw("no key " + (Foreign.sign("sha256", "no key", text) == null).toString());
    this.saw("declared " + (<i32>Properties.set("declared", "a")).toString());
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    const snapshot = this.snapshot;
    if (snapshot == null) return HeadersStatus.Continue;
    const path = snapshot.get(":path");
    const now = this.requestHeaders.get(":path");
    this.responseHeaders.set(
      "x-snapshot",
      orDefault(path, "null") + " " + snapshot.getAll("x-list").join("|") + " now " + orDefault(now, "null"),
    );
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<Doer, Does>("doer");

/** Defers its own end until a timer has run. */
class Deferred extends PluginContext {
  onDone(): bool {
    log.info("deferred");
    this.after(200, new Finish(this));
    return false;
  }

  onDelete(): void {
    log.info("deleted at last");
  }

  createHttpContext(): HttpContext | null {
    return new HttpContext();
  }
}

class Finish extends Timer {
  constructor(private readonly plugin: PluginContext) {
    super();
  }

  onTimer(): void {
    log.info("finishing " + (this.plugin.done() == Status.Ok).toString());
  }
}
registerPlugin<Deferred>("deferred");
