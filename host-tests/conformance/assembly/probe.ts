/**
 * The probe: every hostcall in every phase, and every way to stop, continue, answer and end a stream. What it sees goes to the log, one
 * line for each call; the same lines have to come out of the emulator and of the real Envoy.
 *
 * The configuration says which phases of the plugin context to try out; the request header x-mode says what to do with a stream.
 */
import * as abi from "../../../assembly/abi/hostcalls";
import { every, queues } from "./every";
import { bytes, given, inPhase, line, OUT, OUT2, OUT3, pairs, shown, told } from "./transcript";

/** Milliseconds for a call that is answered, so many that on a loaded machine, too, it is. */
const ANSWERED: u32 = 10000;

let configuration = "";
let ticks = 0;
/** The plugin context that has put its end off. */
let deferred: u32 = 0;

/** What the probe remembers of a stream. */
class Stream {
  mode: string = "";
  root: u32 = 0;
  seen: i32 = 0;
}

const streams = new Map<u32, Stream>();
/** The stream that waits for a call's answer. */
let waiting: u32 = 0;
let rootId: u32 = 0;
let grpcToken: u32 = 0;

export function abort(message: string | null, file: string | null, row: u32, column: u32): void {
  line("abort " + (message == null ? "" : message) + " " + row.toString());
  unreachable();
}

export function proxy_abi_version_0_2_1(): void {}

export function malloc(size: u32): usize {
  return heap.alloc(size);
}

function enter(phase: string, args: string): void {
  inPhase(phase);
  line("> (" + args + ")");
}

function leave(status: u32): u32 {
  line("< " + status.toString());
  return status;
}

function stream(id: u32): Stream {
  if (!streams.has(id)) streams.set(id, new Stream());
  return streams.get(id);
}

function list(a: u32, b: u32, c: u32 = 0xffffffff): string {
  return a.toString() + ", " + b.toString() + (c == 0xffffffff ? "" : ", " + c.toString());
}

// Plugin ------------------------------------------------------------------------------------------------------------

export function proxy_on_context_create(id: u32, parent: u32): void {
  enter("context_create", list(id, parent));
  if (parent != 0) stream(id).root = parent;
  else rootId = id;
}

export function proxy_on_vm_start(id: u32, size: u32): u32 {
  enter("vm_start", list(id, size));
  if (id == 1) every(id, id, -1);
  return leave(1);
}

export function proxy_on_configure(id: u32, size: u32): u32 {
  enter("configure", list(id, size));
  told("get_buffer(plugin_configuration)", abi.proxy_get_buffer_bytes(7, 0, 0xffffffff, OUT, OUT2), given());
  configuration = String.UTF8.decodeUnsafe(load<u32>(OUT), load<u32>(OUT2));
  if (!configuration.includes("brief")) every(id, id, -1);
  if (configuration.includes("tick")) told("set_tick_period", abi.proxy_set_tick_period_milliseconds(100));
  return leave(configuration.includes("refuse") ? 0 : 1);
}

export function proxy_on_tick(id: u32): void {
  if (id == deferred) {
    enter("tick", id.toString());
    deferred = 0;
    told("done", abi.proxy_done());
    told("done again", abi.proxy_done());
    leave(0);
    return;
  }
  if (++ticks != 2) return;
  enter("tick", id.toString());
  every(id, id, -1);
  if (configuration.includes("queue")) queues(true);
  told("set_tick_period(0)", abi.proxy_set_tick_period_milliseconds(0));
  leave(0);
}

export function proxy_on_queue_ready(id: u32, token: u32): void {
  enter("queue_ready", id.toString());
  told("dequeue", abi.proxy_dequeue_shared_queue(token, OUT, OUT2), given());
  if (configuration.includes("every-queue")) every(id, id, -1);
  leave(0);
}

// HTTP --------------------------------------------------------------------------------------------------------------

function localResponse(status: u32, body: string, headers: string[], grpcStatus: i32, details: string): void {
  const text = bytes(body);
  const map = pairs(headers);
  const reason = bytes(details);
  told(
    "send_local_response",
    abi.proxy_send_local_response(status, reason.pointer, reason.size, text.pointer, text.size, map.pointer, map.size, grpcStatus),
  );
}

function call(cluster: string, path: string, body: string, timeout: u32): void {
  const name = bytes(cluster);
  const headers = pairs([":method", "POST", ":path", path, ":authority", "called", "x-call", "1", "X-Call", "2"]);
  const text = bytes(body);
  const trailers = pairs([]);
  const status = abi.proxy_http_call(
    name.pointer,
    name.size,
    headers.pointer,
    headers.size,
    text.pointer,
    text.size,
    trailers.pointer,
    trailers.size,
    timeout,
    OUT,
  );
  told("http_call(" + cluster + path + ")", status, load<u32>(OUT).toString());
}

function grpc(kind: string, method: string): void {
  const cluster = bytes("grpc");
  const service = bytes("probe.Service");
  const name = bytes(method);
  const metadata = pairs(["x-meta", "1"]);
  const message = bytes("hello");
  const status =
    kind == "call"
      ? abi.proxy_grpc_call(
          cluster.pointer,
          cluster.size,
          service.pointer,
          service.size,
          name.pointer,
          name.size,
          metadata.pointer,
          metadata.size,
          message.pointer,
          message.size,
          method == "Slow" ? 300 : ANSWERED,
          OUT,
        )
      : abi.proxy_grpc_stream(
          cluster.pointer,
          cluster.size,
          service.pointer,
          service.size,
          name.pointer,
          name.size,
          metadata.pointer,
          metadata.size,
          OUT,
        );
  grpcToken = load<u32>(OUT);
  told("grpc_" + kind + "(" + method + ")", status, grpcToken.toString());
  if (kind == "stream") told("grpc_send", abi.proxy_grpc_send(grpcToken, message.pointer, message.size, 0));
}

/** Reads and writes of the body in its own phase. */
function body(type: u32, mode: string): void {
  told("get_buffer", abi.proxy_get_buffer_bytes(type, 0, 100, OUT, OUT2), given());
  told("get_buffer_status", abi.proxy_get_buffer_status(type, OUT, OUT2), load<u32>(OUT).toString());
  const text = bytes("[" + mode.replace("response-", "") + "]");
  if (mode.includes("append")) told("append", abi.proxy_set_buffer_bytes(type, 0xffffffff, 0, text.pointer, text.size));
  if (mode.includes("prepend")) told("prepend", abi.proxy_set_buffer_bytes(type, 0, 0, text.pointer, text.size));
  if (mode.includes("replace")) told("replace", abi.proxy_set_buffer_bytes(type, 0, 0xffffffff, text.pointer, text.size));
  if (mode.includes("first")) told("replace first 3", abi.proxy_set_buffer_bytes(type, 0, 3, text.pointer, text.size));
  if (mode.includes("splice")) told("splice", abi.proxy_set_buffer_bytes(type, 1, 1, text.pointer, text.size));
  if (mode.includes("empty")) told("empty", abi.proxy_set_buffer_bytes(type, 0, 0xffffffff, 0, 0));
  if (mode.includes("append") || mode.includes("prepend") || mode.includes("replace") || mode.includes("first") || mode.includes("empty")) {
    told("get_buffer after", abi.proxy_get_buffer_bytes(type, 0, 100, OUT, OUT2), given());
  }
}

export function proxy_on_request_headers(id: u32, count: u32, end: u32): u32 {
  const state = stream(id);
  inPhase("request_headers");
  const key = bytes("x-mode");
  state.mode =
    abi.proxy_get_header_map_value(0, key.pointer, key.size, OUT, OUT2) == 0
      ? String.UTF8.decodeUnsafe(load<u32>(OUT), load<u32>(OUT2))
      : "";
  enter("request_headers", list(id, count, end));
  const mode = state.mode;
  if (mode == "all") every(id, state.root, -1);
  if (mode == "local") {
    localResponse(418, "short\nand stout", ["X-Local", "1", "x-local", "2", "content-type", "text/html"], -1, "probe said so");
    // What is left of the headers after it.
    told("get_value", abi.proxy_get_header_map_value(0, key.pointer, key.size, OUT, OUT2), given());
    return leave(0);
  }
  if (mode == "local-empty") localResponse(204, "", [], -1, "");
  if (mode == "local-grpc") localResponse(403, "no way!", ["x-local", "1"], 7, "");
  if (mode == "local-grpc-derived") localResponse(503, "", [], -1, "");
  if (mode == "local-twice") {
    localResponse(400, "first", [], -1, "");
    localResponse(401, "second", [], -1, "");
  }
  if (mode == "close-request") told("close_stream", abi.proxy_close_stream(0));
  if (mode == "close-response") told("close_stream", abi.proxy_close_stream(1));
  if (mode == "trap") unreachable();
  if (mode.startsWith("call")) {
    waiting = id;
    if (mode == "call-timeout") call("echo", "/slow", "", 50);
    else if (mode == "call-reset") call("echo", "/reset", "", ANSWERED);
    else if (mode == "call-refused") call("closed", "/", "", ANSWERED);
    else call("echo", "/called?a=b", "body", ANSWERED);
    return leave(1);
  }
  if (mode.startsWith("grpc-")) {
    waiting = id;
    grpc(mode.includes("stream") ? "stream" : "call", mode.substring(mode.lastIndexOf("-") + 1));
    return leave(1);
  }
  if (mode == "continue-at-once") {
    told("continue_stream", abi.proxy_continue_stream(0));
    told("get_value", abi.proxy_get_header_map_value(0, key.pointer, key.size, OUT, OUT2), given());
    return leave(0);
  }
  if (mode == "stop-until-body" || mode == "stop-until-body-buffer") return leave(mode == "stop-until-body" ? 1 : 3);
  if (mode == "status-2") return leave(2);
  if (mode == "status-9") return leave(9);
  if (mode == "route" || mode == "route-clear") {
    const name = bytes("x-route");
    const value = bytes("other");
    told("replace", abi.proxy_replace_header_map_value(0, name.pointer, name.size, value.pointer, value.size));
    if (mode == "route-clear") {
      const clear = bytes("clear_route_cache");
      told("clear_route_cache", abi.proxy_call_foreign_function(clear.pointer, clear.size, 0, 0, 0, 0));
    }
  }
  if (mode == "no-length" || mode.startsWith("body-") || mode.startsWith("buffer-")) {
    const name = bytes("content-length");
    told("remove", abi.proxy_remove_header_map_value(0, name.pointer, name.size));
  }
  if (mode == "newline") {
    const name = bytes("x-new\nline");
    const value = bytes("a\u0001b");
    told("add", abi.proxy_add_header_map_value(0, name.pointer, name.size, value.pointer, value.size));
    told("remove", abi.proxy_remove_header_map_value(0, name.pointer, name.size));
  }
  return leave(0);
}

export function proxy_on_request_body(id: u32, size: u32, end: u32): u32 {
  const state = stream(id);
  enter("request_body", list(id, size, end));
  const mode = state.mode;
  if (mode == "all") every(id, state.root, 0);
  if (mode == "local-body") {
    localResponse(413, "too much", [], -1, "");
    return leave(0);
  }
  if (mode.startsWith("body-")) body(0, mode);
  if (mode.startsWith("buffer-")) {
    if (end == 0) {
      told("get_buffer", abi.proxy_get_buffer_bytes(0, 0, 100, OUT, OUT2), given());
      return leave(1);
    }
    body(0, mode);
    return leave(0);
  }
  if (mode.startsWith("large-")) {
    if (mode == "large-buffer") return leave(end != 0 ? 0 : 1);
    if (mode == "large-watermark") return leave(end != 0 ? 0 : 2);
    return leave(end != 0 ? 0 : 3);
  }
  if (mode == "watermark" || mode == "no-buffer") {
    body(0, "");
    if (end == 0) return leave(mode == "watermark" ? 2 : 3);
    return leave(0);
  }
  if (mode == "add-trailers" && end != 0) {
    const name = bytes("x-added");
    told("add trailer", abi.proxy_add_header_map_value(1, name.pointer, name.size, name.pointer, name.size));
  }
  if (mode == "body-status-9") return leave(9);
  return leave(0);
}

export function proxy_on_request_trailers(id: u32, count: u32): u32 {
  const state = stream(id);
  enter("request_trailers", list(id, count));
  if (state.mode == "all") every(id, state.root, -1);
  return leave(0);
}

export function proxy_on_response_headers(id: u32, count: u32, end: u32): u32 {
  const state = stream(id);
  enter("response_headers", list(id, count, end));
  const mode = state.mode;
  if (mode == "all") every(id, state.root, -1);
  if (mode == "local-response") localResponse(502, "changed", ["x-local", "1"], -1, "late");
  if (mode == "response-trap") unreachable();
  if (mode == "response-close") told("close_stream", abi.proxy_close_stream(1));
  if (mode.startsWith("response-")) {
    const name = bytes("content-length");
    told("remove", abi.proxy_remove_header_map_value(2, name.pointer, name.size));
  }
  if (mode == "response-call") {
    waiting = id;
    call("echo", "/called", "", ANSWERED);
    return leave(1);
  }
  return leave(0);
}

export function proxy_on_response_body(id: u32, size: u32, end: u32): u32 {
  const state = stream(id);
  enter("response_body", list(id, size, end));
  const mode = state.mode;
  if (mode == "all") every(id, state.root, 1);
  if (mode == "local-response-body") localResponse(502, "changed", ["x-local", "1"], -1, "late");
  if (mode == "response-local-buffered") {
    if (end == 0) return leave(1);
    localResponse(502, "changed", ["x-local", "1"], -1, "late");
    return leave(1);
  }
  if (mode.startsWith("response-large-")) {
    if (mode == "response-large-buffer") return leave(end != 0 ? 0 : 1);
    return leave(end != 0 ? 0 : 2);
  }
  if (mode.startsWith("response-buffer-")) {
    if (end == 0) return leave(1);
    body(1, mode);
  } else if (mode.startsWith("response-body-")) body(1, mode);
  return leave(0);
}

export function proxy_on_response_trailers(id: u32, count: u32): u32 {
  const state = stream(id);
  enter("response_trailers", list(id, count));
  if (state.mode == "all") every(id, state.root, -1);
  return leave(0);
}

// Ends --------------------------------------------------------------------------------------------------------------

function isStream(id: u32): bool {
  return streams.has(id);
}

export function proxy_on_log(id: u32): void {
  enter("log", id.toString());
  const state = stream(id);
  if (state.mode == "all") every(id, state.root, -1);
  const path = bytes("late");
  const value = bytes("set in log");
  told("set_property", abi.proxy_set_property(path.pointer, path.size, value.pointer, value.size));
  if (state.mode != "all" && state.mode != "tcp") {
    const status = bytes(":status");
    told("get_value(:status)", abi.proxy_get_header_map_value(2, status.pointer, status.size, OUT, OUT2), given());
    const details = bytes("response\0code_details");
    told("get_property(response.code_details)", abi.proxy_get_property(details.pointer, details.size, OUT, OUT2), given());
    const code = bytes("response\0code");
    const known = abi.proxy_get_property(code.pointer, code.size, OUT, OUT2);
    told("get_property(response.code)", known, known == 0 ? load<u64>(load<u32>(OUT)).toString() : "");
    const flags = bytes("response\0flags");
    const flagged = abi.proxy_get_property(flags.pointer, flags.size, OUT, OUT2);
    told("get_property(response.flags)", flagged, flagged == 0 ? load<u64>(load<u32>(OUT)).toString() : "");
  }
  leave(0);
}

export function proxy_on_done(id: u32): u32 {
  enter("done", id.toString());
  if (isStream(id)) {
    const state = stream(id);
    if (state.mode == "all") every(id, state.root, -1);
    if (state.mode == "done-later") return leave(0);
  } else if (configuration.includes("all-done")) every(id, id, -1);
  if (!isStream(id) && configuration.includes("defer")) {
    deferred = id;
    told("set_tick_period", abi.proxy_set_tick_period_milliseconds(100));
    return leave(0);
  }
  return leave(1);
}

export function proxy_on_delete(id: u32): void {
  enter("delete", id.toString());
  if (isStream(id)) {
    const state = stream(id);
    if (state.mode == "all") every(id, state.root, -1);
    streams.delete(id);
  } else if (configuration.includes("all-done")) every(id, id, -1);
  leave(0);
}

// Answers -----------------------------------------------------------------------------------------------------------

export function proxy_on_http_call_response(id: u32, token: u32, headers: u32, bodySize: u32, trailers: u32): void {
  enter("http_call_response", list(id, token, headers) + ", " + list(bodySize, trailers));
  told("get_status", abi.proxy_get_status(OUT3, OUT, OUT2), load<u32>(OUT3).toString() + " " + given());
  const status = bytes(":status");
  told("get_value(call_headers, :status)", abi.proxy_get_header_map_value(6, status.pointer, status.size, OUT, OUT2), given());
  told("get_buffer(call_body)", abi.proxy_get_buffer_bytes(4, 0, 2000, OUT, OUT2), given());
  const mode = stream(waiting).mode;
  if (mode == "call-all") every(id, id, -1);
  told("set_effective_context", abi.proxy_set_effective_context(waiting));
  if (mode == "call-all") every(waiting, id, -1);
  if (mode == "call-local") {
    localResponse(401, "unauthorized", [], -1, "call");
    return;
  }
  told("set_effective_context", abi.proxy_set_effective_context(waiting));
  const name = bytes("x-after-call");
  told("add", abi.proxy_add_header_map_value(mode == "response-call" ? 2 : 0, name.pointer, name.size, name.pointer, name.size));
  told("continue_stream", abi.proxy_continue_stream(mode == "response-call" ? 1 : 0));
  if (mode == "call-twice") told("continue_stream", abi.proxy_continue_stream(0));
  leave(0);
}

function grpcMap(type: u32, name: string): void {
  const key = bytes(name);
  told("get_value(" + name + ")", abi.proxy_get_header_map_value(type, key.pointer, key.size, OUT, OUT2), given());
}

export function proxy_on_grpc_receive_initial_metadata(id: u32, token: u32, count: u32): void {
  enter("grpc_receive_initial_metadata", list(id, token));
  grpcMap(4, "x-initial");
  grpcMap(5, "x-trailing");
  leave(0);
}

export function proxy_on_grpc_receive(id: u32, token: u32, size: u32): void {
  enter("grpc_receive", list(id, token, size));
  told("get_buffer(grpc_message)", abi.proxy_get_buffer_bytes(5, 0, 100, OUT, OUT2), given());
  told("get_buffer_status(grpc_message)", abi.proxy_get_buffer_status(5, OUT, OUT2), load<u32>(OUT).toString());
  const mode = stream(waiting).mode;
  if (mode == "grpc-stream-All") every(id, id, -1);
  if (mode == "grpc-stream-Close") {
    told("grpc_close", abi.proxy_grpc_close(token));
    told("grpc_close again", abi.proxy_grpc_close(token));
    const message = bytes("late");
    told("grpc_send after close", abi.proxy_grpc_send(token, message.pointer, message.size, 0));
  }
  if (mode == "grpc-stream-Cancel") {
    told("grpc_cancel", abi.proxy_grpc_cancel(token));
    told("grpc_cancel again", abi.proxy_grpc_cancel(token));
    goOn();
  }
  if (mode.startsWith("grpc-call")) {
    told("grpc_cancel", abi.proxy_grpc_cancel(token));
    goOn();
  }
  leave(0);
}

export function proxy_on_grpc_receive_trailing_metadata(id: u32, token: u32, count: u32): void {
  enter("grpc_receive_trailing_metadata", list(id, token));
  grpcMap(4, "x-initial");
  grpcMap(5, "x-trailing");
  leave(0);
}

export function proxy_on_grpc_close(id: u32, token: u32, status: u32): void {
  enter("grpc_close", list(id, token, status));
  told("get_status", abi.proxy_get_status(OUT3, OUT, OUT2), load<u32>(OUT3).toString() + " " + given());
  const message = bytes("late");
  if ((token & 3) == 2) told("grpc_send", abi.proxy_grpc_send(token, message.pointer, message.size, 1));
  told("grpc_close", abi.proxy_grpc_close(token));
  goOn();
  leave(0);
}

function goOn(): void {
  told("set_effective_context", abi.proxy_set_effective_context(waiting));
  told("continue_stream", abi.proxy_continue_stream(0));
}

// TCP ---------------------------------------------------------------------------------------------------------------

/** What the connection's first bytes ask for. */
let tcpMode = "";

export function proxy_on_new_connection(id: u32): u32 {
  enter("new_connection", id.toString());
  stream(id).mode = "tcp";
  if (configuration.includes("tcp-all")) every(id, stream(id).root, -1);
  return leave(configuration.includes("tcp-stop-new") ? 1 : 0);
}

export function proxy_on_downstream_data(id: u32, size: u32, end: u32): u32 {
  enter("downstream_data", list(id, size, end));
  told("get_buffer", abi.proxy_get_buffer_bytes(2, 0, 100, OUT, OUT2), given());
  tcpMode = shown(load<u32>(OUT), load<u32>(OUT2));
  if (configuration.includes("tcp-all")) every(id, stream(id).root, 2);
  if (configuration.includes("tcp-stop-new")) told("continue_stream", abi.proxy_continue_stream(2));
  const text = bytes("<");
  if (tcpMode.includes("append")) told("append", abi.proxy_set_buffer_bytes(2, 0xffffffff, 0, text.pointer, text.size));
  if (tcpMode.includes("replace")) told("replace", abi.proxy_set_buffer_bytes(2, 0, 0xffffffff, text.pointer, text.size));
  if (tcpMode.includes("close-down")) told("close_stream", abi.proxy_close_stream(2));
  if (tcpMode.includes("close-up")) told("close_stream", abi.proxy_close_stream(3));
  if (tcpMode.includes("hold") && !tcpMode.includes("go")) return leave(1);
  return leave(0);
}

export function proxy_on_upstream_data(id: u32, size: u32, end: u32): u32 {
  enter("upstream_data", list(id, size, end));
  told("get_buffer", abi.proxy_get_buffer_bytes(3, 0, 100, OUT, OUT2), given());
  if (configuration.includes("tcp-all")) every(id, stream(id).root, 3);
  const text = bytes(">");
  if (tcpMode.includes("append")) told("append", abi.proxy_set_buffer_bytes(3, 0xffffffff, 0, text.pointer, text.size));
  return leave(0);
}

export function proxy_on_downstream_connection_close(id: u32, type: u32): void {
  enter("downstream_connection_close", list(id, type));
  leave(0);
}

export function proxy_on_upstream_connection_close(id: u32, type: u32): void {
  enter("upstream_connection_close", list(id, type));
  leave(0);
}
