/** A filter that makes as much garbage in each callback as the request says, and keeps as much for the stream; its plugin context keeps as much as the configuration says. */
import { HeadersStatus, HttpContext, PluginContext, registerConfiguredHttpFilter } from "../../../assembly/index";

class Keeper extends PluginContext {
  kept: StaticArray<u8> | null = null;

  onConfigure(): bool {
    if (this.configuration != "") this.kept = new StaticArray<u8>(<i32>parseInt(this.configuration));
    return true;
  }
}

class Garbage extends HttpContext {
  kept: StaticArray<u8> | null = null;
  wasted: i32 = 0;

  onRequestHeaders(_endOfStream: bool): HeadersStatus {
    this.kept = new StaticArray<u8>(this.asked("x-keep"));
    this.wasted = this.asked("x-waste");
    this.waste();
    return HeadersStatus.Continue;
  }

  onResponseHeaders(_endOfStream: bool): HeadersStatus {
    this.waste();
    this.responseHeaders.set("x-pages", memory.size().toString());
    return HeadersStatus.Continue;
  }

  asked(name: string): i32 {
    const size = this.requestHeaders.get(name);
    return size == null ? 0 : <i32>parseInt(size);
  }

  waste(): void {
    // In pieces, as texts are.
    for (let left = this.wasted; left > 0; left -= 4096) new StaticArray<u8>(min(left, 4096));
  }
}

registerConfiguredHttpFilter<Keeper, Garbage>("garbage");
