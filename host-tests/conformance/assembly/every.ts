/** Every hostcall that leaves the stream as it is, for any phase. */
import * as abi from "../../../assembly/abi/hostcalls";
import * as wasi from "./hostcalls";
import { bytes, currentPhase, given, line, OUT, OUT2, OUT3, pairs, shown, told } from "./transcript";

const MAPS = [
  "request_headers",
  "request_trailers",
  "response_headers",
  "response_trailers",
  "grpc_initial",
  "grpc_trailing",
  "call_headers",
  "call_trailers",
  "none",
];
const BUFFERS = [
  "request_body",
  "response_body",
  "downstream",
  "upstream",
  "call_body",
  "grpc_message",
  "vm_configuration",
  "plugin_configuration",
  "foreign",
  "none",
];

const PROPERTIES = [
  "request.path",
  "request.url_path",
  "request.host",
  "request.scheme",
  "request.method",
  "request.query",
  "request.protocol",
  "request.referer",
  "request.useragent",
  "request.size",
  "request.total_size",
  "request.headers_bytes",
  "request.nothing",
  "request.headers.x-twice",
  "request.headers.x-missing",
  "response.code",
  "response.size",
  "response.flags",
  "response.code_details",
  "response.grpc_status",
  "response.headers.x-up",
  "response.trailers.x-trail",
  "connection.mtls",
  "connection.requested_server_name",
  "connection.tls_version",
  "connection.termination_details",
  "connection.transport_failure_reason",
  "upstream.transport_failure_reason",
  "upstream.request_attempt_count",
  "upstream.num_endpoints",
  "xds.cluster_name",
  "xds.route_name",
  "xds.virtual_host_name",
  "xds.filter_chain_name",
  "xds.listener_direction",
  "xds.node.id",
  "xds.node.cluster",
  "xds.node.metadata.CLUSTER_ID",
  "xds.node.metadata.LABELS.version",
  "xds.node.metadata.LABELS",
  "xds.node.metadata.NUMBER",
  "xds.node.metadata.FLAG",
  "xds.node.metadata.LIST",
  "xds.node.metadata.LIST.1",
  "xds.node.metadata.nothing",
  "xds.node.user_agent_name",
  "xds.node.user_agent_build_version.version.major_number",
  "xds.node.user_agent_build_version.version.minor_number",
  "xds.node.user_agent_build_version.version.nothing",
  "xds.node.nothing",
  "xds.nothing",
  "node.metadata.CLUSTER_ID",
  "plugin_name",
  "plugin_root_id",
  "plugin_vm_id",
  "cluster_name",
  "route_name",
  "listener_direction",
  "filter_state.wasm.probe",
  "nothing",
  "nothing.at.all",
  "metadata.filter_metadata.nothing",
  "source.nothing",
];
/** Only the status is compared: the values differ from run to run. */
const VARYING = [
  "request.time",
  "request.duration",
  "request.id",
  "connection.id",
  "connection_id",
  "source.address",
  "source.port",
  "destination.address",
  "destination.port",
  "upstream.address",
  "upstream.port",
  "upstream.local_address",
  "request.headers",
  "response.headers",
  "request",
  "response",
  "connection",
  "source",
  "upstream",
  "xds",
  "filter_state",
  "metadata.filter_metadata",
  "response.backend_latency",
  "response.total_size",
  "response.headers_bytes",
];

function property(name: string, isVarying: bool = false): void {
  const path = bytes(name.split(".").join("\0").replace("x-", "x-"));
  const status = abi.proxy_get_property(path.pointer, path.size, OUT, OUT2);
  const size = load<u32>(OUT2);
  told("get_property(" + name + ")", status, isVarying ? (size == 8 ? "8 bytes" : "bytes") : given());
}

export function properties(): void {
  for (let i = 0; i < PROPERTIES.length; i++) property(PROPERTIES[i]);
  for (let i = 0; i < VARYING.length; i++) property(VARYING[i], true);
  // A NUL at the end, an empty part, an empty path, a path out of bounds.
  const trailing = bytes("plugin_name\0");
  told("get_property(plugin_name NUL)", abi.proxy_get_property(trailing.pointer, trailing.size, OUT, OUT2), given());
  const twice = bytes("xds\0\0node");
  told("get_property(xds NUL NUL node)", abi.proxy_get_property(twice.pointer, twice.size, OUT, OUT2));
  told("get_property()", abi.proxy_get_property(0, 0, OUT, OUT2));
  told("get_property(out of bounds)", abi.proxy_get_property(0xfffffff0, 8, OUT, OUT2));
}

export function setProperties(): void {
  const path = bytes("probe." + currentPhase());
  const value = bytes("v:" + currentPhase());
  told("set_property(probe)", abi.proxy_set_property(path.pointer, path.size, value.pointer, value.size));
  told("get_property(probe)", abi.proxy_get_property(path.pointer, path.size, OUT, OUT2), given());
  told("set_property(probe, empty)", abi.proxy_set_property(path.pointer, path.size, 0, 0));
  told("get_property(probe)", abi.proxy_get_property(path.pointer, path.size, OUT, OUT2), given());
  const wasm = bytes("filter_state\0wasm.probe." + currentPhase());
  told("get_property(filter_state.wasm.probe)", abi.proxy_get_property(wasm.pointer, wasm.size, OUT, OUT2), given());
}

function value(type: u32, name: string): void {
  const key = bytes(name);
  told("get_value(" + MAPS[type] + ", " + name + ")", abi.proxy_get_header_map_value(type, key.pointer, key.size, OUT, OUT2), given());
}

/** Reads of all maps. Sizes of request headers hold the port, so they are not shown. */
export function maps(): void {
  for (let type: u32 = 0; type < 9; type++) {
    told("get_map_size(" + MAPS[type] + ")", abi.proxy_get_header_map_size(type, OUT));
    told("get_pairs(" + MAPS[type] + ")", abi.proxy_get_header_map_pairs(type, OUT, OUT2), pairsShown(load<u32>(OUT), load<u32>(OUT2)));
    value(type, ":path");
    value(type, ":status");
    value(type, "x-missing");
    value(type, "X-Twice");
    value(type, "x-empty");
  }
}

function pairsShown(pointer: usize, size: u32): string {
  if (size == 0) return shown(pointer, size);
  const count = load<u32>(pointer);
  let at = pointer + 4 + count * 8;
  let text = "";
  for (let i: u32 = 0; i < count; i++) {
    const nameSize = load<u32>(pointer + 4 + i * 8);
    const valueSize = load<u32>(pointer + 8 + i * 8);
    text += " " + String.UTF8.decodeUnsafe(at, nameSize) + ":" + shown(at + nameSize + 1, valueSize);
    at += nameSize + valueSize + 2;
  }
  return text.trim();
}

/** Changes of all maps: what can't be changed in this phase answers so. */
export function mapChanges(): void {
  for (let type: u32 = 0; type < 9; type++) {
    const map = MAPS[type];
    const name = bytes("X-Probe-" + currentPhase());
    const one = bytes("1");
    const two = bytes("2");
    told("add(" + map + ")", abi.proxy_add_header_map_value(type, name.pointer, name.size, one.pointer, one.size));
    told("add(" + map + ") again", abi.proxy_add_header_map_value(type, name.pointer, name.size, two.pointer, two.size));
    value(type, "x-probe-" + currentPhase());
    told("replace(" + map + ")", abi.proxy_replace_header_map_value(type, name.pointer, name.size, two.pointer, two.size));
    const upsert = bytes("x-upsert");
    told("replace(" + map + ") missing", abi.proxy_replace_header_map_value(type, upsert.pointer, upsert.size, 0, 0));
    value(type, "x-upsert");
    // Where a header stands that is set anew.
    const early = bytes(type == 0 ? "x-mode" : type == 2 ? "x-up" : ":none");
    if (abi.proxy_get_header_map_value(type, early.pointer, early.size, OUT, OUT2) == 0) {
      told(
        "replace(" + map + ") early",
        abi.proxy_replace_header_map_value(type, early.pointer, early.size, load<u32>(OUT), load<u32>(OUT2)),
      );
    }
    told("remove(" + map + ")", abi.proxy_remove_header_map_value(type, upsert.pointer, upsert.size));
    told("remove(" + map + ") missing", abi.proxy_remove_header_map_value(type, upsert.pointer, upsert.size));
    // Envoy has one slot for these.
    const inline = bytes(type == 0 ? "user-agent" : "server");
    told("add(" + map + ") inline", abi.proxy_add_header_map_value(type, inline.pointer, inline.size, one.pointer, one.size));
    value(type, type == 0 ? "user-agent" : "server");
    const broken = pairs(["a", "b"]);
    if (type > 3) told("set_pairs(" + map + ")", abi.proxy_set_header_map_pairs(type, broken.pointer, broken.size));
    told("add(" + map + ") out of bounds", abi.proxy_add_header_map_value(type, 0xfffffff0, 9, one.pointer, one.size));
    if (abi.proxy_get_header_map_pairs(type, OUT, OUT2) == 0 && load<u32>(OUT2) > 0) {
      told("set_pairs(" + map + ") same", abi.proxy_set_header_map_pairs(type, load<u32>(OUT), load<u32>(OUT2)));
    }
    told("get_pairs(" + map + ")", abi.proxy_get_header_map_pairs(type, OUT, OUT2), pairsShown(load<u32>(OUT), load<u32>(OUT2)));
  }
}

/** Reads of all buffers. */
export function buffers(): void {
  for (let type: u32 = 0; type < 10; type++) {
    const name = BUFFERS[type];
    told("get_buffer(" + name + ", 0, 40)", abi.proxy_get_buffer_bytes(type, 0, 40, OUT, OUT2), given());
    told("get_buffer(" + name + ", 2, 3)", abi.proxy_get_buffer_bytes(type, 2, 3, OUT, OUT2), given());
    told("get_buffer(" + name + ", 0, 0)", abi.proxy_get_buffer_bytes(type, 0, 0, OUT, OUT2), given());
    told("get_buffer(" + name + ", 999999, 5)", abi.proxy_get_buffer_bytes(type, 999999, 5, OUT, OUT2), given());
    told("get_buffer(" + name + ", 2, max)", abi.proxy_get_buffer_bytes(type, 2, 0xffffffff, OUT, OUT2), given());
    const status = abi.proxy_get_buffer_status(type, OUT, OUT2);
    told("get_buffer_status(" + name + ")", status, load<u32>(OUT).toString() + " " + load<u32>(OUT2).toString());
  }
}

/** Changes of buffers that are not for this phase, and of those that never change. */
export function bufferChanges(own: i32): void {
  const text = bytes("+");
  for (let type: u32 = 0; type < 10; type++) {
    if (type == <u32>own) continue;
    told("set_buffer(" + BUFFERS[type] + ", 0, 0)", abi.proxy_set_buffer_bytes(type, 0, 0, text.pointer, text.size));
    told("set_buffer(" + BUFFERS[type] + ", 0, 99)", abi.proxy_set_buffer_bytes(type, 0, 99, text.pointer, text.size));
    told("set_buffer(" + BUFFERS[type] + ", 1, 1)", abi.proxy_set_buffer_bytes(type, 1, 1, text.pointer, text.size));
  }
}

/** Names that no other VM uses: the phases of the plugin context run in several threads at a time. */
let ofThisVm = "";

function own(name: string): string {
  if (ofThisVm == "") {
    const number = changetype<usize>(new ArrayBuffer(8));
    abi.random_get(number, 8);
    ofThisVm = "_" + load<u64>(number).toString();
  }
  return name + ofThisVm;
}

function shared(name: string): void {
  const key = bytes(own(name));
  const status = abi.proxy_get_shared_data(key.pointer, key.size, OUT, OUT2, OUT3);
  told("get_shared(" + name + ")", status, given() + (load<u32>(OUT3) > 0 ? " cas" : " no cas"));
}

function setShared(name: string, text: string, cas: u32, how: string): void {
  const key = bytes(own(name));
  const data = bytes(text);
  told("set_shared(" + name + ", " + how + ")", abi.proxy_set_shared_data(key.pointer, key.size, data.pointer, data.size, cas));
}

export function sharedData(): void {
  const name = "key-" + currentPhase();
  shared("absent");
  setShared(name, "first", 5, "new, cas 5");
  shared(name);
  const cas = load<u32>(OUT3);
  setShared(name, "second", cas, "right cas");
  setShared(name, "third", cas, "old cas");
  setShared(name, "", 0, "empty");
  shared(name);
}

export function queues(canEnqueue: bool): void {
  const name = bytes(own("queue-" + currentPhase()));
  told("register_queue", abi.proxy_register_shared_queue(name.pointer, name.size, OUT));
  const token = load<u32>(OUT);
  told("register_queue again", abi.proxy_register_shared_queue(name.pointer, name.size, OUT), (load<u32>(OUT) == token).toString());
  const vm = bytes("probe-vm");
  told(
    "resolve_queue(vm)",
    abi.proxy_resolve_shared_queue(vm.pointer, vm.size, name.pointer, name.size, OUT),
    (load<u32>(OUT) == token).toString(),
  );
  told("resolve_queue()", abi.proxy_resolve_shared_queue(0, 0, name.pointer, name.size, OUT), (load<u32>(OUT) == token).toString());
  told("resolve_queue(other vm)", abi.proxy_resolve_shared_queue(name.pointer, name.size, name.pointer, name.size, OUT));
  const item = bytes("item");
  told("enqueue(unknown)", abi.proxy_enqueue_shared_queue(99999, item.pointer, item.size));
  told("dequeue(unknown)", abi.proxy_dequeue_shared_queue(99999, OUT, OUT2));
  told("dequeue(empty)", abi.proxy_dequeue_shared_queue(token, OUT, OUT2));
  if (!canEnqueue) return;
  told("enqueue", abi.proxy_enqueue_shared_queue(token, item.pointer, item.size));
  told("enqueue(empty item)", abi.proxy_enqueue_shared_queue(token, 0, 0));
  told("dequeue", abi.proxy_dequeue_shared_queue(token, OUT, OUT2), given());
}

const TYPES = ["counter", "gauge", "histogram", "none"];

export function metrics(): void {
  let ids = "";
  for (let type: u32 = 0; type < 4; type++) {
    const name = bytes(own("probe_" + currentPhase() + "_" + TYPES[type]));
    store<u32>(OUT, 0);
    told("define(" + TYPES[type] + ")", abi.proxy_define_metric(type, name.pointer, name.size, OUT));
    const id = load<u32>(OUT);
    store<u32>(OUT, 0);
    const again = abi.proxy_define_metric(type, name.pointer, name.size, OUT);
    told(
      "define(" + TYPES[type] + ") again",
      again,
      (load<u32>(OUT) - id).toString() + " further, type " + (load<u32>(OUT) & 3).toString(),
    );
    if (type == 3) break;
    told("increment(" + TYPES[type] + ", 2)", abi.proxy_increment_metric(id, 2));
    told("increment(" + TYPES[type] + ", 0)", abi.proxy_increment_metric(id, 0));
    told("increment(" + TYPES[type] + ", -1)", abi.proxy_increment_metric(id, -1));
    told("record(" + TYPES[type] + ", 7)", abi.proxy_record_metric(id, 7));
    told("get_metric(" + TYPES[type] + ")", abi.proxy_get_metric(id, OUT), load<u64>(OUT).toString());
  }
  for (let id: u32 = 40000; id < 40004; id++) {
    told("increment(unknown " + (id & 3).toString() + ")", abi.proxy_increment_metric(id, 1));
    told("record(unknown " + (id & 3).toString() + ")", abi.proxy_record_metric(id, 1));
    told("get_metric(unknown " + (id & 3).toString() + ")", abi.proxy_get_metric(id, OUT));
  }
}

/** Calls that can't be made. */
export function refusedCalls(): void {
  const nowhere = bytes("nowhere");
  const cluster = bytes("echo");
  const complete = pairs([":method", "GET", ":path", "/", ":authority", "a"]);
  const incomplete = pairs([":method", "GET"]);
  const c = complete;
  told(
    "http_call(unknown)",
    abi.proxy_http_call(nowhere.pointer, nowhere.size, c.pointer, c.size, 0, 0, 0, 0, 1000, OUT),
    load<u32>(OUT).toString(),
  );
  const i = incomplete;
  told("http_call(incomplete)", abi.proxy_http_call(cluster.pointer, cluster.size, i.pointer, i.size, 0, 0, 0, 0, 1000, OUT));
  told("http_call(no pairs)", abi.proxy_http_call(cluster.pointer, cluster.size, 0, 0, 0, 0, 0, 0, 1000, OUT));
  told("http_call(negative timeout)", abi.proxy_http_call(cluster.pointer, cluster.size, c.pointer, c.size, 0, 0, 0, 0, 0xffffffff, OUT));
  told("http_call(out of bounds)", abi.proxy_http_call(0xfffffff0, 99, c.pointer, c.size, 0, 0, 0, 0, 1000, OUT));
  const s = bytes("service");
  const m = bytes("method");
  const n = nowhere;
  told("grpc_call(unknown)", abi.proxy_grpc_call(n.pointer, n.size, s.pointer, s.size, m.pointer, m.size, 0, 0, 0, 0, 1000, OUT));
  told("grpc_stream(unknown)", abi.proxy_grpc_stream(n.pointer, n.size, s.pointer, s.size, m.pointer, m.size, 0, 0, OUT));
  for (let id: u32 = 50000; id < 50004; id++) {
    told("grpc_send(" + (id & 3).toString() + ")", abi.proxy_grpc_send(id, s.pointer, s.size, 0));
    told("grpc_cancel(" + (id & 3).toString() + ")", abi.proxy_grpc_cancel(id));
    told("grpc_close(" + (id & 3).toString() + ")", abi.proxy_grpc_close(id));
  }
}

function foreign(name: string, argument: ArrayBuffer): u32 {
  const called = bytes(name);
  store<u32>(OUT, 0);
  store<u32>(OUT2, 0);
  return abi.proxy_call_foreign_function(called.pointer, called.size, changetype<usize>(argument), argument.byteLength, OUT, OUT2);
}

function expression(source: string): void {
  const created = foreign("expr_create", String.UTF8.encode(source));
  if (created != 0) return told("expr_create(" + source + ")", created);
  const token = new ArrayBuffer(4);
  store<u32>(changetype<usize>(token), load<u32>(load<u32>(OUT)));
  told("expr_evaluate(" + source + ")", foreign("expr_evaluate", token), given());
  told("expr_delete", foreign("expr_delete", token), given());
  const after = foreign("expr_evaluate", token);
  if (after != 1) told("expr_evaluate(deleted)", after);
}

export function foreignFunctions(): void {
  told("foreign(nothing)", foreign("nothing", new ArrayBuffer(0)), given());
  told(
    "foreign(compress)",
    foreign("compress", String.UTF8.encode("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
    load<u32>(OUT2).toString(),
  );
  const size = load<u32>(OUT2);
  const packed = new ArrayBuffer(size);
  memory.copy(changetype<usize>(packed), load<u32>(OUT), size);
  told("foreign(uncompress)", foreign("uncompress", packed), given());
  told("foreign(uncompress garbage)", foreign("uncompress", String.UTF8.encode("garbage")), given());
  told("foreign(compress nothing)", foreign("compress", new ArrayBuffer(0)), load<u32>(OUT2).toString());
  told("foreign(clear_route_cache)", foreign("clear_route_cache", new ArrayBuffer(0)), given());
  told("foreign(declare_property garbage)", foreign("declare_property", String.UTF8.encode("garbage")), given());
  told("foreign(set_envoy_filter_state garbage)", foreign("set_envoy_filter_state", String.UTF8.encode("\x0a\x09nothing.x")), given());
  told(
    "foreign(set_envoy_filter_state unknown)",
    foreign("set_envoy_filter_state", String.UTF8.encode("\x0a\x07nothing\x12\x01v")),
    given(),
  );
  told("foreign(sign nothing)", foreign("sign", new ArrayBuffer(0)), given());
  told("foreign(verify_signature nothing)", foreign("verify_signature", new ArrayBuffer(0)), given());
  told("foreign(expr_evaluate, no token)", foreign("expr_evaluate", new ArrayBuffer(0)), given());
  told("foreign(expr_evaluate, unknown)", foreign("expr_evaluate", String.UTF8.encode("\x63\x00\x00\x00")), given());
  told("foreign(expr_delete, no token)", foreign("expr_delete", new ArrayBuffer(0)), given());
  told("foreign(expr_delete, unknown)", foreign("expr_delete", String.UTF8.encode("\x63\x00\x00\x00")), given());
  const sources = [
    "42",
    "-7",
    "7u",
    "1.5",
    "'text'",
    '"a\\tb"',
    "true",
    "null",
    "1 + 2 * 3",
    "'a' + 'b'",
    "1 == 1",
    "1 < 2 && 'a' != 'b'",
    "false || nothing == 1",
    "true || nothing == 1",
    "[1, 2, 3]",
    "2 in [1, 2]",
    "size('héllo')",
    "'hello'.startsWith('he')",
    "'hello'.contains('ell')",
    "'hello'.endsWith('x')",
    "'hello'.matches('h.*o')",
    "1 > 0 ? 'yes' : 'no'",
    "!false",
    "7 / 2",
    "7 % 2",
    "1 / 0",
    "string(5)",
    "int('12')",
    "uint(3)",
    "request.path",
    "request.method == 'POST'",
    "request.headers['x-twice']",
    "has(request.headers.nothing)",
    "request.nothing",
    "response.code",
    "response.code == 200",
    "plugin_root_id",
    "xds.node.metadata.CLUSTER_ID",
    "wasm.probe",
    "nothing",
    "1 +",
    "(",
    "'open",
    "a b",
    "@",
    "1 == 'a'",
    "",
    "size([1, 2])",
    "source.port > 0",
  ];
  for (let i = 0; i < sources.length; i++) expression(sources[i]);
  // tcp_proxy would go there.
  if (currentPhase() == "new_connection") return;
  const state = "\x0a\x17envoy.tcp_proxy.cluster\x12\x05there";
  told("foreign(set_envoy_filter_state cluster)", foreign("set_envoy_filter_state", String.UTF8.encode(state)), given());
  const path = bytes("filter_state\0envoy.tcp_proxy.cluster");
  told("get_property(filter_state.envoy.tcp_proxy.cluster)", abi.proxy_get_property(path.pointer, path.size, OUT, OUT2), given());
}

export function contexts(id: u32, root: u32): void {
  told("set_effective_context(99999)", abi.proxy_set_effective_context(99999));
  told("set_effective_context(root)", abi.proxy_set_effective_context(root));
  told("set_property as root", abi.proxy_set_property(OUT, 0, OUT, 0));
  value(0, ":path");
  told("set_effective_context(own)", abi.proxy_set_effective_context(id));
  told("done", abi.proxy_done());
  told("get_status", abi.proxy_get_status(OUT3, OUT, OUT2), load<u32>(OUT3).toString() + " " + given());
  told("get_log_level", abi.proxy_get_log_level(OUT), load<u32>(OUT).toString());
  told("get_current_time", abi.proxy_get_current_time_nanoseconds(OUT));
  told("get_current_time(out of bounds)", abi.proxy_get_current_time_nanoseconds(0xfffffff0));
  told("log(6)", abi.proxy_log(6, OUT, 0));
  told("log(out of bounds)", abi.proxy_log(2, 0xfffffff0, 99));
  told("continue_stream(upstream)", abi.proxy_continue_stream(3));
  told("continue_stream(4)", abi.proxy_continue_stream(4));
  told("close_stream(4)", abi.proxy_close_stream(4));
}

export function system(): void {
  told("random_get(0)", wasiRandom(0));
  told("random_get(16)", wasiRandom(16));
  told("random_get(65537)", wasiRandom(65537));
  for (let id: u32 = 0; id < 4; id++) told("clock_time_get(" + id.toString() + ")", wasi.clock_time_get(id, 0, OUT));
  told("environ_sizes_get", abi.environ_sizes_get(OUT, OUT2), load<u32>(OUT).toString() + " " + load<u32>(OUT2).toString());
  const room = new ArrayBuffer(256);
  const at = changetype<usize>(room);
  told("environ_get", abi.environ_get(at, at + 64), shown(at + 64, load<u32>(OUT2)));
  told("args_sizes_get", wasi.args_sizes_get(OUT, OUT2), load<u32>(OUT).toString() + " " + load<u32>(OUT2).toString());
  const text = bytes("T " + currentPhase() + " written to a descriptor\n");
  store<u32>(at, text.pointer);
  store<u32>(at + 4, text.size);
  for (let fd: u32 = 0; fd < 4; fd++) {
    store<u32>(OUT, 0);
    told("fd_write(" + fd.toString() + ")", wasi.fd_write(fd, at, 1, OUT), (load<u32>(OUT) == text.size).toString());
  }
  told("fd_write(nothing)", wasi.fd_write(1, at, 0, OUT), load<u32>(OUT).toString());
  told("fd_read", wasi.fd_read(0, at, 1, OUT));
  told("fd_close", wasi.fd_close(1));
  told("fd_fdstat_get(1)", wasi.fd_fdstat_get(1, at), shown(at, 24));
  told("fd_fdstat_get(3)", wasi.fd_fdstat_get(3, at));
  told("fd_prestat_get", wasi.fd_prestat_get(3, at));
  told("path_open", wasi.path_open(3, 0, text.pointer, text.size, 0, 0, 0, 0, OUT));
  told("sched_yield", wasi.sched_yield());
  told("poll_oneoff", wasi.poll_oneoff(at, at, 0, OUT), load<u32>(OUT).toString());
}

function wasiRandom(size: u32): u32 {
  const room = new ArrayBuffer(size);
  return abi.random_get(changetype<usize>(room), size);
}

/** All of it. `own` is the buffer that belongs to the phase, -1 when there is none. */
export function every(id: u32, root: u32, own: i32): void {
  line("begin");
  contexts(id, root);
  maps();
  mapChanges();
  buffers();
  bufferChanges(own);
  properties();
  setProperties();
  sharedData();
  queues(false);
  metrics();
  refusedCalls();
  foreignFunctions();
  system();
  line("end");
}
