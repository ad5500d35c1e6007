/** Lets each user make so many requests, counted for all workers together; says which request of its worker each one was. */
import {
  HeadersStatus,
  HttpContextOf,
  PluginContext,
  registerConfiguredHttpFilter,
  SharedData,
  SharedUpdate,
} from "../../../assembly/index";

class Limit extends PluginContext {
  requests: i32 = 0;
  /** Of this worker alone. */
  seen: u32 = 0;

  onConfigure(): bool {
    const config = this.readConfig("rate-limit");
    config.root.allow(["requests"]);
    this.requests = config.root.get("requests").integer(1, 1, 1000);
    return config.ok || this.refuse(config);
  }
}

class AddOne extends SharedUpdate {
  count: u32 = 0;

  next(current: Uint8Array | null): Uint8Array | null {
    this.count = (current == null || current.length != 4 ? 0 : load<u32>(current.dataStart)) + 1;
    const bytes = new Uint8Array(4);
    store<u32>(bytes.dataStart, this.count);
    return bytes;
  }
}

class Stream extends HttpContextOf<Limit> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const user = this.requestHeaders.get("x-user");
    const update = new AddOne();
    SharedData.update("rate-limit." + (user == null ? "" : user), update);
    this.requestHeaders.set("x-of-worker", (++this.plugin.seen).toString());
    if (update.count <= <u32>this.plugin.requests) return HeadersStatus.Continue;
    this.sendLocalResponse(429, "too many\n");
    return HeadersStatus.StopIteration;
  }
}
registerConfiguredHttpFilter<Limit, Stream>("rate-limit");
