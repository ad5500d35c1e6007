// The task, with a read for each header: best where they are absent.
#include "abi.h"
#include "attributes.h"
#include "trace.h"

static const u8 *read(const char *name, u32 name_size, u32 *size) {
  const u8 *value = 0;
  return get_header(REQUEST_HEADERS, name, name_size, &value, size) == OK ? value : 0;
}

EXPORT(proxy_on_request_headers) u32 on_request_headers(u32 id, u32 count, u32 end) {
  used = 0;
  u32 user_size = 0, tenant_size = 0, trace_size = 0;
  const u8 *user = read("x-user-id", 9, &user_size);
  const u8 *tenant = read("x-tenant-id", 11, &tenant_size);
  const u8 *trace = read("traceparent", 11, &trace_size);
  propagate(trace, trace_size);
  set_attributes(user, user_size, tenant, tenant_size);
  return CONTINUE;
}
