import { HeadersStatus, HttpContextOf, PluginContext, registerConfiguredHttpFilter } from "meshwright/assembly";

/** One configuration of the filter: `{"greeting": "hello"}`. */
class Settings extends PluginContext {
  greeting: string = "";

  onConfigure(): bool {
    const config = this.readConfig("my-filter");
    config.root.allow(["greeting"]);
    this.greeting = config.root.get("greeting").string("hello");
    return config.ok || this.refuse(config);
  }
}

/** One request with its response. */
class Stream extends HttpContextOf<Settings> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const user = this.requestHeaders.get("x-user-id");
    // Absent is null; an empty header is "".
    const name = user == null ? "stranger" : user;
    this.requestHeaders.set("x-greeting", this.plugin.greeting + ", " + name);
    return HeadersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.responseHeaders.set("x-filtered-by", "my-filter");
    return HeadersStatus.Continue;
  }
}

// The name is the root id in Envoy's configuration.
registerConfiguredHttpFilter<Settings, Stream>("my-filter");
