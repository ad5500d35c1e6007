/** Asks a gRPC service which tenant a host belongs to, and tells the upstream. The service is in tenants.proto. */
import {
  Body,
  CallOutcome,
  GrpcCall,
  GrpcResponse,
  GrpcStatus,
  HeadersStatus,
  HttpContextOf,
  log,
  PluginContext,
  ProtoReader,
  ProtoWriter,
  registerConfiguredHttpFilter,
  sliceToString,
} from "meshwright/assembly";

class Directory extends PluginContext {
  cluster: string = "";
  timeout: i32 = 0;

  onConfigure(): bool {
    const config = this.readConfig("grpc-callout");
    config.root.allow(["cluster", "timeout_ms"]);
    this.cluster = config.root.get("cluster").required();
    this.timeout = config.root.get("timeout_ms").integer(200, 1, 60000);
    return config.ok || this.refuse(config);
  }
}

class Lookup extends HttpContextOf<Directory> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.requestHeaders.remove("x-tenant-id");
    const host = this.requestHeaders.get(":authority");
    if (host == null) return HeadersStatus.Continue;
    const call = new GrpcCall(this.plugin.cluster, "example.tenants.v1.Directory", "Lookup");
    call.timeout = <u32>this.plugin.timeout;
    // LookupRequest { string host = 1; }
    const request = new ProtoWriter().text(1, host).toBytes();
    const started = call.then<Lookup>(this, request, (stream, response) => stream.answered(response));
    if (started == CallOutcome.Sent) return HeadersStatus.StopAllIterationAndWatermark;
    log.warn("no cluster " + this.plugin.cluster);
    return HeadersStatus.Continue;
  }

  answered(response: GrpcResponse): void {
    if (response.status == GrpcStatus.Ok) {
      const tenant = readTenant(response.message);
      if (tenant.length > 0) this.requestHeaders.set("x-tenant-id", tenant);
    } else if (response.status != GrpcStatus.NotFound) {
      log.warn("lookup failed: " + (<i32>response.status).toString() + " " + response.statusMessage);
    }
    // Without a tenant the request goes on: what to do then is for the upstream to say.
    this.continueRequest();
  }
}
registerConfiguredHttpFilter<Directory, Lookup>("grpc-callout");

/** LookupResponse { string tenant = 1; } Fields that a later version of the service adds are passed over. */
function readTenant(message: Body): string {
  const reader = new ProtoReader(message.view());
  while (reader.next()) if (reader.field == 1) return sliceToString(reader.value);
  return "";
}
