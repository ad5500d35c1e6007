import {
  CallOutcome,
  HeadersStatus,
  HttpCall,
  HttpCallResponse,
  HttpContextOf,
  PluginContext,
  registerConfiguredHttpFilter,
} from "meshwright/assembly";

/** One configuration of the filter: `{"cluster": "authority", "path": "/check", "fail_open": false}`. */
class Settings extends PluginContext {
  cluster: string = "";
  path: string = "";
  failOpen: bool = false;

  onConfigure(): bool {
    const config = this.readConfig("my-filter");
    config.root.allow(["cluster", "path", "fail_open"]);
    this.cluster = config.root.get("cluster").required();
    this.path = config.root.get("path").string("/check");
    this.failOpen = config.root.get("fail_open").boolean(false);
    return config.ok || this.refuse(config);
  }
}

/** One request with its response. */
class Stream extends HttpContextOf<Settings> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    // Only the service says who the user is, never the client.
    this.requestHeaders.remove("x-user-id");
    const call = new HttpCall(this.plugin.cluster);
    call.path = this.plugin.path;
    call.timeout = 200;
    const credentials = this.requestHeaders.get("authorization");
    if (credentials != null) call.headers.add("authorization", credentials);
    call.propagate(this.requestHeaders);
    // A function captures nothing here, so the stream comes as its parameter.
    const started = call.then<Stream>(this, (stream, response) => stream.decide(response));
    if (started != CallOutcome.Sent) return this.mayPassUndecided() ? HeadersStatus.Continue : HeadersStatus.StopIteration;
    // The request waits, its body with it, until decide() lets it go on.
    return HeadersStatus.StopAllIterationAndWatermark;
  }

  decide(response: HttpCallResponse): void {
    // No answer in time, no connection, or an error of the service itself: nobody has decided.
    if (response.outcome != CallOutcome.Success || response.status >= 500) {
      if (this.mayPassUndecided()) this.continueRequest();
    } else if (response.status == 200) {
      const user = response.headers.get("x-user-id");
      if (user != null) this.requestHeaders.set("x-user-id", user);
      this.continueRequest();
    } else this.sendLocalResponse(403, "not allowed\n");
  }

  /** Answers the request here unless the filter fails open. */
  private mayPassUndecided(): bool {
    if (!this.plugin.failOpen) this.sendLocalResponse(503, "cannot decide\n");
    return this.plugin.failOpen;
  }
}

// The name is the root id in Envoy's configuration.
registerConfiguredHttpFilter<Settings, Stream>("my-filter");
