/** Asks a service by a unary call for each request, and answers with what came of it. */
import {
  CallOutcome,
  GrpcCall,
  GrpcResponse,
  GrpcStatus,
  HeadersStatus,
  HttpContext,
  orDefault,
  registerHttpFilter,
} from "../../../assembly/index";

class Asks extends HttpContext {
  /** Of its own, so that there is an object for each stream. */
  private asked: bool = false;

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.asked = true;
    const call = new GrpcCall("service", "example.Service", "Ask");
    call.timeout = 5000;
    const started = call.then<Asks>(this, new Uint8Array(0), (stream, response) => stream.answered(response));
    if (started != CallOutcome.Sent) this.sendLocalResponse(500, "not sent");
    return HeadersStatus.StopIteration;
  }

  answered(response: GrpcResponse): void {
    const text = orDefault(response.message.getText(), "nothing");
    const said = response.status == GrpcStatus.Ok ? text : response.statusMessage;
    this.sendLocalResponse(200, (<i32>response.status).toString() + " " + said);
  }
}
registerHttpFilter<Asks>("grpc-asks");
