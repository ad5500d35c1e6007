/** The callbacks of `@solo-io/proxy-runtime/proxy`. The build drops those for which a filter has nothing. */

import { HeadersStatus, StreamType } from "../abi/enums";
import { statefulStreams } from "../abi/facts";
import { beginDirection, endDirection } from "../sdk/continuing";
import { enter, leave } from "../sdk/lifecycle";
import { markPlugin, pluginsTold } from "../sdk/plugin-list";
import { noteActing } from "./effective";
import { FilterDataStatusValues, FilterHeadersStatusValues, FilterStatusValues, FilterTrailersStatusValues, PeerTypeValues } from "./enums";
import { serve } from "./extras";
import { writeDeferred } from "./headers";
import { keepRequest, keepResponse, setInLog } from "./kept";
import { callerOf, createStream, ensureRoot, findContext, findRoot, findStream, forget, rootOf } from "./registry";

/** The host calls for context `id`. */
function begin(id: u32): void {
  enter();
  noteActing(id);
  serve(id);
}

// Plugin ------------------------------------------------------------------------------------------------------------

export function proxy_on_vm_start(root_context_id: u32, configuration_size: u32): u32 {
  begin(root_context_id);
  const root = ensureRoot(root_context_id);
  const started = root != null && root.onStart(configuration_size);
  leave();
  return started ? 1 : 0;
}

export function proxy_validate_configuration(root_context_id: u32, configuration_size: u32): u32 {
  begin(root_context_id);
  const root = ensureRoot(root_context_id);
  const valid = root != null && root.validateConfiguration(configuration_size);
  leave();
  return valid ? 1 : 0;
}

export function proxy_on_configure(root_context_id: u32, configuration_size: u32): u32 {
  begin(root_context_id);
  const root = ensureRoot(root_context_id);
  let accepted: bool = false;
  if (root != null) {
    root.compatConfigure(configuration_size);
    if (!statefulStreams) markPlugin(root_context_id);
    accepted = root.onConfigure(configuration_size);
    if (!statefulStreams) accepted = accepted && pluginsTold();
    if (!accepted) forget(root_context_id);
  }
  leave();
  return accepted ? 1 : 0;
}

export function proxy_on_tick(root_context_id: u32): void {
  begin(root_context_id);
  const root = findRoot(root_context_id);
  if (root != null) root.onTick();
  leave();
}

export function proxy_on_queue_ready(root_context_id: u32, token: u32): void {
  begin(root_context_id);
  const root = findRoot(root_context_id);
  if (root != null) root.onQueueReady(token);
  leave();
}

export function proxy_on_foreign_function(context_id: u32, function_id: u32, data_size: u32): void {
  begin(context_id);
  const root = rootOf(context_id);
  if (root != null) root.onForeignFunction(function_id, data_size);
  leave();
}

// Beginning and end -------------------------------------------------------------------------------------------------

export function proxy_on_context_create(context_id: u32, root_context_id: u32): void {
  begin(context_id);
  if (root_context_id != 0) createStream(context_id, root_context_id);
  else ensureRoot(context_id);
  leave();
}

export function proxy_on_done(context_id: u32): u32 {
  begin(context_id);
  const context = findContext(context_id);
  const done = context == null || context.onDone();
  leave();
  return done ? 1 : 0;
}

export function proxy_on_log(context_id: u32): void {
  begin(context_id);
  const stream = findStream(context_id);
  setInLog(true);
  if (stream != null) stream.onLog();
  setInLog(false);
  leave();
}

export function proxy_on_delete(context_id: u32): void {
  begin(context_id);
  const context = findContext(context_id);
  if (context != null) context.onDelete();
  forget(context_id);
  leave();
}

// HTTP --------------------------------------------------------------------------------------------------------------

// Headers are kept when the filter lets them go on. Those that it holds back come by again, or some callback lets them.

function goOn(status: u32): bool {
  return status == HeadersStatus.Continue || status == HeadersStatus.ContinueAndEndStream;
}

export function proxy_on_request_headers(context_id: u32, headers: u32, end_of_stream: u32): i32 {
  begin(context_id);
  beginDirection(StreamType.HttpRequest, context_id);
  const stream = findStream(context_id);
  const status = endDirection(stream == null ? FilterHeadersStatusValues.Continue : stream.onRequestHeaders(headers, end_of_stream != 0));
  if (goOn(status)) keepRequest();
  leave();
  return status;
}

export function proxy_on_request_body(context_id: u32, body_buffer_length: u32, end_of_stream: u32): i32 {
  begin(context_id);
  beginDirection(StreamType.HttpRequest, context_id);
  const stream = findStream(context_id);
  const status = endDirection(
    stream == null ? FilterDataStatusValues.Continue : stream.onRequestBody(body_buffer_length, end_of_stream != 0),
  );
  if (status == FilterDataStatusValues.Continue) keepRequest();
  leave();
  return status;
}

export function proxy_on_request_trailers(context_id: u32, trailers: u32): i32 {
  begin(context_id);
  beginDirection(StreamType.HttpRequest, context_id);
  const stream = findStream(context_id);
  const status = endDirection(stream == null ? FilterTrailersStatusValues.Continue : stream.onRequestTrailers(trailers));
  if (status == FilterTrailersStatusValues.Continue) keepRequest();
  leave();
  return status;
}

export function proxy_on_request_metadata(context_id: u32, nelements: u32): i32 {
  begin(context_id);
  const stream = findStream(context_id);
  if (stream != null) stream.onRequestMetadata(nelements);
  leave();
  return 0;
}

export function proxy_on_response_headers(context_id: u32, headers: u32, end_of_stream: u32): i32 {
  begin(context_id);
  beginDirection(StreamType.HttpResponse, context_id);
  writeDeferred();
  const stream = findStream(context_id);
  const status = endDirection(stream == null ? FilterHeadersStatusValues.Continue : stream.onResponseHeaders(headers, end_of_stream != 0));
  if (goOn(status)) keepResponse();
  leave();
  return status;
}

export function proxy_on_response_body(context_id: u32, body_buffer_length: u32, end_of_stream: u32): i32 {
  begin(context_id);
  beginDirection(StreamType.HttpResponse, context_id);
  const stream = findStream(context_id);
  const status = endDirection(
    stream == null ? FilterDataStatusValues.Continue : stream.onResponseBody(body_buffer_length, end_of_stream != 0),
  );
  if (status == FilterDataStatusValues.Continue) keepResponse();
  leave();
  return status;
}

export function proxy_on_response_trailers(context_id: u32, trailers: u32): i32 {
  begin(context_id);
  beginDirection(StreamType.HttpResponse, context_id);
  const stream = findStream(context_id);
  const status = endDirection(stream == null ? FilterTrailersStatusValues.Continue : stream.onResponseTrailers(trailers));
  if (status == FilterTrailersStatusValues.Continue) keepResponse();
  leave();
  return status;
}

export function proxy_on_response_metadata(context_id: u32, nelements: u32): i32 {
  begin(context_id);
  const stream = findStream(context_id);
  if (stream != null) stream.onResponseMetadata(nelements);
  leave();
  return 0;
}

// TCP ---------------------------------------------------------------------------------------------------------------

export function proxy_on_new_connection(context_id: u32): i32 {
  begin(context_id);
  const stream = findStream(context_id);
  const status = stream == null ? FilterStatusValues.Continue : stream.onNewConnection();
  leave();
  return status;
}

export function proxy_on_downstream_data(context_id: u32, body_buffer_length: u32, end_of_stream: u32): i32 {
  begin(context_id);
  const stream = findStream(context_id);
  const status = stream == null ? FilterStatusValues.Continue : stream.onDownstreamData(body_buffer_length, end_of_stream != 0);
  leave();
  return status;
}

export function proxy_on_upstream_data(context_id: u32, body_buffer_length: u32, end_of_stream: u32): i32 {
  begin(context_id);
  const stream = findStream(context_id);
  const status = stream == null ? FilterStatusValues.Continue : stream.onUpstreamData(body_buffer_length, end_of_stream != 0);
  leave();
  return status;
}

export function proxy_on_downstream_connection_close(context_id: u32, peer_type: u32): void {
  begin(context_id);
  const stream = findStream(context_id);
  if (stream != null) stream.onDownstreamConnectionClose(<PeerTypeValues>peer_type);
  leave();
}

export function proxy_on_upstream_connection_close(context_id: u32, peer_type: u32): void {
  begin(context_id);
  const stream = findStream(context_id);
  if (stream != null) stream.onUpstreamConnectionClose(<PeerTypeValues>peer_type);
  leave();
}

// Calls -------------------------------------------------------------------------------------------------------------

export function proxy_on_http_call_response(context_id: u32, token: u32, headers: u32, body_size: u32, trailers: u32): void {
  begin(context_id);
  const root = callerOf(token, context_id);
  if (root != null) root.onHttpCallResponse(token, headers, body_size, trailers);
  leave();
}

export function proxy_on_grpc_receive_initial_metadata(context_id: u32, token: u32, headers: u32): void {
  begin(context_id);
  const root = rootOf(context_id);
  if (root != null) root.on_grpc_receive_initial_metadata(token, headers);
  leave();
}

/** What the originals wait for as `proxy_on_grpc_trailing_metadata`, which no host calls. */
export function proxy_on_grpc_receive_trailing_metadata(context_id: u32, token: u32, trailers: u32): void {
  begin(context_id);
  const root = rootOf(context_id);
  if (root != null) root.on_grpc_trailing_metadata(token, trailers);
  leave();
}

export function proxy_on_grpc_receive(context_id: u32, token: u32, response_size: u32): void {
  begin(context_id);
  const root = rootOf(context_id);
  if (root != null) root.on_grpc_receive(token, response_size);
  leave();
}

export function proxy_on_grpc_close(context_id: u32, token: u32, status_code: u32): void {
  begin(context_id);
  const root = rootOf(context_id);
  if (root != null) root.on_grpc_close(token, status_code);
  leave();
}
