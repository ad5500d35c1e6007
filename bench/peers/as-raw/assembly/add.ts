// Adds one header to every request.
import { addHeader, CONTINUE, REQUEST_HEADERS } from "./abi";
import { ONE, X_BENCH } from "./text";

export { proxy_abi_version_0_2_1, proxy_on_memory_allocate } from "./abi";

export function proxy_on_request_headers(id: u32, count: u32, end: u32): u32 {
  addHeader(REQUEST_HEADERS, X_BENCH, 7, ONE, 1);
  return CONTINUE;
}
