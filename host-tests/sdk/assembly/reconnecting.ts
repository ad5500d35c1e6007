/** A plugin context that opens a gRPC stream and cancels it, so often in each tick as its configuration says, and opens one object anew. */
import {
  CallOutcome,
  GrpcStatus,
  GrpcStream,
  GrpcStreamHandler,
  HttpContext,
  log,
  PluginContext,
  registerConfiguredHttpFilter,
} from "../../../assembly/index";

class Quiet extends GrpcStreamHandler<Reconnecting> {
  /** So that one that is kept is noticed. */
  readonly weight: StaticArray<u8> = new StaticArray<u8>(1000);

  onClose(context: Reconnecting, status: GrpcStatus, statusMessage: string): void {
    log.info("closed with " + (<i32>status).toString() + ", open " + context.again.open.toString());
  }
}

class Reconnecting extends PluginContext {
  readonly again: GrpcStream = new GrpcStream("grpc", "test.Echo", "Talk");
  private times: i32 = 0;

  onConfigure(): bool {
    this.times = <i32>parseInt(this.configuration);
    this.setTickPeriod(1000);
    return true;
  }

  onTick(): void {
    for (let i = 0; i < this.times; i++) {
      const stream = new GrpcStream("grpc", "test.Echo", "Talk");
      if (stream.start<Reconnecting>(this, new Quiet()) != CallOutcome.Sent) log.error("refused");
      stream.cancel();
    }
    if (this.times == 0) {
      this.again.close();
      this.again.start<Reconnecting>(this, new Quiet());
    }
    log.info("pages " + memory.size().toString());
  }
}

registerConfiguredHttpFilter<Reconnecting, HttpContext>("reconnecting");
