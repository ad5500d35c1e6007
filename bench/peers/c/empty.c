// Lets every request pass.
#include "abi.h"

EXPORT(proxy_on_request_headers) u32 on_request_headers(u32 id, u32 count, u32 end) { return CONTINUE; }
