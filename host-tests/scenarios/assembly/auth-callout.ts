/** Asks a service before a request may pass, and a gRPC service for the tenant of those that may; each has a time to answer. */
import {
  CallOutcome,
  GrpcCall,
  GrpcResponse,
  GrpcStatus,
  HeadersStatus,
  HttpCall,
  HttpCallResponse,
  HttpContextOf,
  log,
  PluginContext,
  registerConfiguredHttpFilter,
} from "../../../assembly/index";

class Settings extends PluginContext {
  timeout: i32 = 0;
  directory: string = "";

  onConfigure(): bool {
    const config = this.readConfig("auth-callout");
    config.root.allow(["timeout_ms", "directory"]);
    this.timeout = config.root.get("timeout_ms").integer(200, 1, 60000);
    this.directory = config.root.get("directory").string("");
    return config.ok || this.refuse(config);
  }
}

class Stream extends HttpContextOf<Settings> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const call = new HttpCall("authority");
    const path = this.requestHeaders.get(":path");
    call.path = path == null ? "/" : path;
    call.timeout = <u32>this.plugin.timeout;
    if (call.then<Stream>(this, (stream, response) => stream.decide(response)) == CallOutcome.Sent) {
      return HeadersStatus.StopAllIterationAndWatermark;
    }
    this.sendLocalResponse(500, "no cluster\n");
    return HeadersStatus.StopIteration;
  }

  decide(response: HttpCallResponse): void {
    log.info("outcome " + (<i32>response.outcome).toString() + " status " + response.status.toString());
    if (response.outcome != CallOutcome.Success) this.sendLocalResponse(response.status == 504 ? 504 : 503, "no answer\n");
    else if (response.status != 200) this.sendLocalResponse(403, "no\n");
    else if (this.plugin.directory.length > 0) this.ask();
    else this.continueRequest();
  }

  private ask(): void {
    const call = new GrpcCall(this.plugin.directory, "example.Directory", "Tenant");
    call.timeout = <u32>this.plugin.timeout;
    if (
      call.then<Stream>(this, Uint8Array.wrap(String.UTF8.encode("who?")), (stream, response) => stream.named(response)) != CallOutcome.Sent
    ) {
      this.sendLocalResponse(500, "no directory\n");
    }
  }

  named(response: GrpcResponse): void {
    log.info("grpc " + (<i32>response.status).toString() + " " + response.statusMessage);
    const text = response.status == GrpcStatus.Ok ? response.message.getText() : null;
    this.requestHeaders.set("x-tenant", text == null ? "none" : text);
    this.continueRequest();
  }
}
registerConfiguredHttpFilter<Settings, Stream>("auth-callout");
