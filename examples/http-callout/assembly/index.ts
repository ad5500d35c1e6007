/** Asks an HTTP service whether a request may pass, and tells the upstream who the user is. */
import {
  CallOutcome,
  HeadersStatus,
  HttpCall,
  HttpCallResponse,
  HttpContextOf,
  PluginContext,
  registerConfiguredHttpFilter,
} from "meshwright/assembly";

class Authority extends PluginContext {
  cluster: string = "";
  path: string = "";
  timeout: i32 = 0;
  failOpen: bool = false;

  onConfigure(): bool {
    const config = this.readConfig("http-callout");
    config.root.allow(["cluster", "path", "timeout_ms", "fail_open"]);
    this.cluster = config.root.get("cluster").required();
    this.path = config.root.get("path").string("/check");
    this.timeout = config.root.get("timeout_ms").integer(200, 1, 60000);
    this.failOpen = config.root.get("fail_open").boolean(false);
    return config.ok || this.refuse(config);
  }
}

class Checked extends HttpContextOf<Authority> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    // Only the service says who the user is, never the client.
    this.requestHeaders.remove("x-user");
    const call = new HttpCall(this.plugin.cluster);
    call.path = this.plugin.path;
    call.timeout = <u32>this.plugin.timeout;
    const credentials = this.requestHeaders.get("authorization");
    if (credentials != null) call.headers.add("authorization", credentials);
    // The call becomes part of the request's trace.
    call.propagate(this.requestHeaders);
    // A function captures nothing here, so the stream comes as its parameter. When the client has gone meanwhile, it never runs.
    const started = call.then<Checked>(this, (stream, response) => stream.decide(response));
    if (started != CallOutcome.Sent) return this.withoutAnswer() ? HeadersStatus.Continue : HeadersStatus.StopIteration;
    // The request waits here, its body with it, until the answer lets it go on.
    return HeadersStatus.StopAllIterationAndWatermark;
  }

  decide(response: HttpCallResponse): void {
    // No answer in time, no connection, or an error of the service itself: nobody has decided.
    if (response.outcome != CallOutcome.Success || response.status >= 500) {
      if (this.withoutAnswer()) this.continueRequest();
    } else if (response.status == 200) {
      const user = response.headers.get("x-user");
      if (user != null) this.requestHeaders.set("x-user", user);
      this.continueRequest();
    } else this.sendLocalResponse(403, "not allowed\n");
  }

  /** Whether the request may go on although nobody decided; it is answered here when not. */
  private withoutAnswer(): bool {
    if (this.plugin.failOpen) return true;
    this.sendLocalResponse(503, "cannot decide\n");
    return false;
  }
}
registerConfiguredHttpFilter<Authority, Checked>("http-callout");
