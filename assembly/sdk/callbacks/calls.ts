/** Answers to calls. */
import { deliverGrpcClose, deliverGrpcInitialMetadata, deliverGrpcMessage, deliverGrpcTrailingMetadata } from "../grpc-call";
import { deliverHttpResponse } from "../http-call";
import { enter, leave } from "../lifecycle";

export function proxy_on_http_call_response(contextId: u32, callId: u32, numHeaders: u32, bodySize: u32, numTrailers: u32): void {
  enter();
  deliverHttpResponse(contextId, callId, numHeaders, bodySize);
  leave();
}

export function proxy_on_grpc_receive_initial_metadata(contextId: u32, callId: u32, numElements: u32): void {
  enter();
  deliverGrpcInitialMetadata(contextId, callId);
  leave();
}

export function proxy_on_grpc_receive(contextId: u32, callId: u32, messageSize: u32): void {
  enter();
  deliverGrpcMessage(contextId, callId, messageSize);
  leave();
}

export function proxy_on_grpc_receive_trailing_metadata(contextId: u32, callId: u32, numElements: u32): void {
  enter();
  deliverGrpcTrailingMetadata(contextId, callId);
  leave();
}

export function proxy_on_grpc_close(contextId: u32, callId: u32, status: u32): void {
  enter();
  deliverGrpcClose(contextId, callId, status);
  leave();
}
