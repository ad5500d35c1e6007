/** Sets a response header: a configuration, a callback, a registration. */
import { HeadersStatus, HttpContextOf, PluginContext, registerConfiguredHttpFilter } from "meshwright/assembly";

/** One configuration of the filter. Envoy makes one for each place that the filter stands in. */
class Hello extends PluginContext {
  greeting: string = "";

  // Runs when the configuration comes, and for every update again, with a new object. False refuses it: Envoy then keeps the old one.
  onConfigure(): bool {
    const config = this.readConfig("hello-header");
    config.root.allow(["greeting"]);
    this.greeting = config.root.get("greeting").string("hello");
    return config.ok || this.refuse(config);
  }
}

/** One request with its response. It has no fields, so Envoy need not tell us when streams begin and end. */
class Greeter extends HttpContextOf<Hello> {
  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.responseHeaders.set("x-hello", this.plugin.greeting);
    return HeadersStatus.Continue;
  }
}

// The name is the root id in Envoy's configuration.
registerConfiguredHttpFilter<Hello, Greeter>("hello-header");
