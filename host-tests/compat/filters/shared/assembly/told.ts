// The same, told of the end of streams and of root contexts.
export * from "@solo-io/proxy-runtime/proxy";

import { Context, LogLevelValues, log, RootContext, registerRootContext, stream_context } from "@solo-io/proxy-runtime";

class Root extends RootContext {
  streams: i32 = 0;

  createContext(context_id: u32): Context {
    return new Stream(context_id, this);
  }

  onDone(): bool {
    log(LogLevelValues.info, "root done " + this.getConfiguration());
    return true;
  }

  onDelete(): void {
    log(LogLevelValues.info, "root deleted " + this.getConfiguration());
  }
}

class Stream extends Context {
  constructor(
    context_id: u32,
    private readonly owner: Root,
  ) {
    super(context_id, owner);
  }

  onLog(): void {
    this.owner.streams++;
    log(LogLevelValues.info, "logged " + stream_context.headers.request.get("x-id") + " " + this.owner.getConfiguration());
  }

  onDone(): bool {
    log(LogLevelValues.info, "stream done " + this.context_id.toString());
    return true;
  }

  onDelete(): void {
    log(
      LogLevelValues.info,
      "stream deleted " + this.context_id.toString() + " " + this.owner.streams.toString() + " " + this.owner.getConfiguration(),
    );
  }
}

registerRootContext((context_id: u32) => new Root(context_id), "shared");
