/** Numbers requests. Each worker of Envoy has a VM of its own, so the number is kept where all of them see it. */
import { HeadersStatus, HttpContext, registerHttpFilter, SharedData, SharedUpdate } from "meshwright/assembly";

const KEY = "shared-counter.requests";

/** Adds one. When another worker is faster, Envoy refuses our value and `next` is asked again with the one that is there now. */
class AddOne extends SharedUpdate {
  count: u64 = 0;

  next(current: Uint8Array | null): Uint8Array | null {
    this.count = (current == null || current.length != 8 ? 0 : load<u64>(current.dataStart)) + 1;
    const bytes = new Uint8Array(8);
    store<u64>(bytes.dataStart, this.count);
    return bytes;
  }
}

class Numbered extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const update = new AddOne();
    SharedData.update(KEY, update);
    this.requestHeaders.set("x-request-number", update.count.toString());
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Numbered>("shared-counter");
