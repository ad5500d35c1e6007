/** Refuses every configuration of its VM but the first, which Envoy finds out only where they share one. */
import { HeadersStatus, HttpContextOf, PluginContext, registerConfiguredHttpFilter } from "../../../assembly/index";

let configurations = 0;

class Settings extends PluginContext {
  name: string = "";

  onConfigure(): bool {
    this.name = this.configuration;
    return ++configurations == 1;
  }
}

class Stream extends HttpContextOf<Settings> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.requestHeaders.add("x-seen", this.plugin.name);
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<Settings, Stream>("only-first");
