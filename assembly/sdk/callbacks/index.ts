/** All that a module exports. The build drops the callbacks that no context of the filter overrides. */
import "../abort";

export { proxy_abi_version_0_2_1, proxy_on_memory_allocate } from "../../abi/exports";
// The build has it called at the very start and drops the export.
export { unpackStaticData } from "../../abi/static-data";
// As these, for filters with loops that make objects.
export { cleared, nextRound, renewed, visitStack } from "../loop-garbage";
export {
  proxy_on_grpc_close,
  proxy_on_grpc_receive,
  proxy_on_grpc_receive_initial_metadata,
  proxy_on_grpc_receive_trailing_metadata,
  proxy_on_http_call_response,
} from "./calls";
export { proxy_on_context_create, proxy_on_delete, proxy_on_done, proxy_on_log } from "./context";
export {
  proxy_on_request_body,
  proxy_on_request_headers,
  proxy_on_request_metadata,
  proxy_on_request_trailers,
  proxy_on_response_body,
  proxy_on_response_headers,
  proxy_on_response_metadata,
  proxy_on_response_trailers,
} from "./http";
export { proxy_on_configure, proxy_on_foreign_function, proxy_on_queue_ready, proxy_on_tick, proxy_on_vm_start } from "./plugin";
export {
  proxy_on_downstream_connection_close,
  proxy_on_downstream_data,
  proxy_on_new_connection,
  proxy_on_upstream_connection_close,
  proxy_on_upstream_data,
} from "./tcp";
