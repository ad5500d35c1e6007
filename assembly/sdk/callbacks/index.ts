/** All that a module exports. The build drops the callbacks that no context of the filter overrides. */
import "../abort";

export { proxy_abi_version_0_2_1, proxy_on_memory_allocate } from "../../abi/exports";
export { proxy_on_context_create, proxy_on_delete, proxy_on_done } from "./context";
export {
  proxy_on_log,
  proxy_on_request_body,
  proxy_on_request_headers,
  proxy_on_request_trailers,
  proxy_on_response_body,
  proxy_on_response_headers,
  proxy_on_response_trailers,
} from "./http";
export { proxy_on_configure, proxy_on_tick, proxy_on_vm_start } from "./plugin";
