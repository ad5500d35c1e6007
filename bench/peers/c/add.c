// Adds one header to every request.
#include "abi.h"

EXPORT(proxy_on_request_headers) u32 on_request_headers(u32 id, u32 count, u32 end) {
  add_header(REQUEST_HEADERS, "x-bench", 7, "1", 1);
  return CONTINUE;
}
