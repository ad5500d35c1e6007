/**
 * Spans on their way to a collector: a bounded queue of batches, one of them in flight.
 *
 *   add ──> current ──(full, or the interval is over)──> waiting ──> in flight ──(429, 5xx, no answer)──> waiting, later
 *
 * Requests never wait: a span that finds the queue full is dropped and counted.
 */
import {
  CallOutcome,
  Clock,
  Counter,
  GrpcCall,
  GrpcResponse,
  GrpcStatus,
  HttpCall,
  HttpCallResponse,
  log,
  PluginContext,
} from "../../sdk/index";
import { decimal } from "../../std/decimal";
import { ProtoReader } from "../../std/protobuf";
import { ABSENT, Slice } from "../../std/slice";
import { Batch } from "./batch";
import { Drafts } from "./drafts";
import { ExportSettings } from "./export-settings";

const MILLISECOND: u64 = 1_000_000;
/** The first pause after a failure; each further one is twice as long, up to the last. */
const FIRST_PAUSE_MS: u64 = 1000;
const LONGEST_PAUSE_MS: u64 = 30_000;
/** A batch that failed so often is given up. */
const MAX_ATTEMPTS: i32 = 10;
const SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService";

/** The queue of one plugin context. */
export class Exporter {
  /** Of the streams that are under way. */
  readonly drafts: Drafts = new Drafts();
  private current: Batch;
  private waiting: Batch[] = [];
  private inFlight: Batch | null = null;
  /** Spans in all of these. */
  private queued: i32 = 0;
  private retryAt: u64 = 0;
  /** The plugin ends: what is queued gets one more try, then the plugin context is done. */
  private ending: bool = false;
  private readonly sent: Counter = new Counter("trace_context.export.sent");
  private readonly dropped: Counter = new Counter("trace_context.export.dropped");
  private readonly failed: Counter = new Counter("trace_context.export.failed");

  constructor(
    private readonly plugin: ExportingPlugin,
    private readonly settings: ExportSettings,
  ) {
    this.current = new Batch(settings.resource, settings.scope);
  }

  /** Takes a span, in two parts, or drops it. */
  add(head: Slice, tail: Slice): void {
    if (this.queued >= this.settings.maxQueue) {
      this.dropped.increment();
      return;
    }
    this.current.add(head, tail);
    this.queued++;
    if (this.current.count >= this.settings.maxSpans) {
      this.rotate();
      this.pump();
    }
  }

  /** The interval is over. */
  flush(): void {
    this.rotate();
    this.pump();
  }

  /** The plugin ends; answers whether it may at once, otherwise `plugin.done()` is called when nothing is left. */
  end(): bool {
    if (this.queued == 0) return true;
    this.ending = true;
    this.retryAt = 0;
    this.flush();
    return this.queued == 0;
  }

  private rotate(): void {
    if (this.current.count == 0) return;
    this.waiting.push(this.current);
    this.current = new Batch(this.settings.resource, this.settings.scope);
  }

  private pump(): void {
    if (this.inFlight != null || this.waiting.length == 0) return;
    if (this.retryAt > 0 && Clock.now() < this.retryAt) return;
    const batch = this.waiting.shift();
    this.inFlight = batch;
    // Called from a stream that ends, whose calls the host would cancel with it.
    this.plugin.makeEffective();
    const outcome = this.send(batch);
    if (outcome == CallOutcome.Sent) return;
    // The cluster may come with a later update of the control plane.
    if (batch.attempts == 0)
      log.error(
        "trace-context: export: cluster " +
          this.settings.cluster +
          (outcome == CallOutcome.UnknownCluster ? " is not known" : " can't be called"),
      );
    this.retry();
  }

  private send(batch: Batch): CallOutcome {
    const settings = this.settings;
    const request = batch.request();
    if (settings.grpc) {
      const call = new GrpcCall(settings.cluster, SERVICE, "Export");
      call.timeout = settings.timeoutMs;
      return call.thenView<ExportingPlugin>(this.plugin, request, (plugin, response) => plugin.exporter!.answeredGrpc(response));
    }
    const call = new HttpCall(settings.cluster);
    call.method = "POST";
    call.path = settings.path;
    call.timeout = settings.timeoutMs;
    call.headers.add("content-type", "application/x-protobuf");
    call.setBodyView(request);
    return call.then<ExportingPlugin>(this.plugin, (plugin, response) => plugin.exporter!.answeredHttp(response));
  }

  /** Spec: OTLP/HTTP, "Failures": 429, 502, 503 and 504 are to be tried again; so is what never came. */
  answeredHttp(response: HttpCallResponse): void {
    const status = response.status;
    if (response.outcome == CallOutcome.Success && status >= 200 && status < 300) {
      return this.accepted(response.body.view());
    }
    if (response.outcome != CallOutcome.Success || status == 429 || status >= 500) return this.retry();
    this.refused("status " + decimal(status));
  }

  /** Spec: OTLP/gRPC, "Failures". */
  answeredGrpc(response: GrpcResponse): void {
    if (response.status == GrpcStatus.Ok) return this.accepted(response.message.view());
    if (isTransient(response.status)) return this.retry();
    this.refused("gRPC status " + decimal(response.status) + " " + response.statusMessage);
  }

  /** All of it, but for what `partial_success` counts. */
  private accepted(body: Slice): void {
    const batch = this.inFlight;
    if (batch == null) return;
    const rejected = min(rejectedIn(body), <u32>batch.count);
    if (rejected > 0) this.failed.increment(rejected);
    this.sent.increment(batch.count - rejected);
    this.retryAt = 0;
    this.finish(batch);
  }

  private refused(why: string): void {
    const batch = this.inFlight;
    if (batch == null) return;
    log.warn("trace-context: export: " + this.settings.cluster + " refuses " + decimal(batch.count) + " spans: " + why);
    this.failed.increment(batch.count);
    this.finish(batch);
  }

  private finish(batch: Batch): void {
    this.inFlight = null;
    this.queued -= batch.count;
    if (this.queued == 0 && this.ending) this.plugin.done();
    else this.pump();
  }

  private retry(): void {
    const batch = this.inFlight;
    if (batch == null) return;
    batch.attempts++;
    if (this.ending || batch.attempts >= MAX_ATTEMPTS) return this.refused("no answer in " + decimal(batch.attempts) + " attempts");
    this.inFlight = null;
    this.waiting.unshift(batch);
    let pause = FIRST_PAUSE_MS;
    for (let i = 1; i < batch.attempts; i++) pause = min(pause * 2, LONGEST_PAUSE_MS);
    this.retryAt = Clock.now() + pause * MILLISECOND;
  }
}

/** A plugin context that may export. */
export class ExportingPlugin extends PluginContext {
  exporter: Exporter | null = null;
}

/** Cancelled, deadline exceeded, resource exhausted, aborted, out of range, unavailable, data loss. */
function isTransient(status: GrpcStatus): bool {
  return (
    status == GrpcStatus.Cancelled ||
    status == GrpcStatus.DeadlineExceeded ||
    status == GrpcStatus.ResourceExhausted ||
    status == GrpcStatus.Aborted ||
    status == GrpcStatus.OutOfRange ||
    status == GrpcStatus.Unavailable ||
    status == GrpcStatus.DataLoss
  );
}

/** `partial_success.rejected_spans` of an answer; 0 when there is none, or it can't be read. */
function rejectedIn(answer: Slice): u32 {
  if (answer == ABSENT) return 0;
  const response = new ProtoReader(answer);
  while (response.next()) {
    if (response.field != 1 || response.value == ABSENT) continue;
    const partial = new ProtoReader(response.value);
    while (partial.next()) if (partial.field == 1) return partial.number > 0x7fffffff ? 0 : <u32>partial.number;
  }
  return 0;
}
