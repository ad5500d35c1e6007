// The task, with one read of the whole header map: best where the headers are there.
#include "abi.h"
#include "attributes.h"
#include "trace.h"

static u32 equals(const u8 *a, const char *b, u32 size) {
  for (u32 i = 0; i < size; i++)
    if (a[i] != (u8)b[i]) return 0;
  return 1;
}

EXPORT(proxy_on_request_headers) u32 on_request_headers(u32 id, u32 count, u32 end) {
  used = 0;
  const u8 *pairs = 0, *user = 0, *tenant = 0, *trace = 0;
  u32 size = 0, user_size = 0, tenant_size = 0, trace_size = 0;
  if (get_pairs(REQUEST_HEADERS, &pairs, &size) == OK && pairs) {
    // Count, the sizes of each name and value, then their bytes, each with a zero behind it.
    u32 pairs_count = *(const u32 *)pairs;
    const u32 *sizes = (const u32 *)pairs + 1;
    const u8 *name = (const u8 *)(sizes + 2 * pairs_count);
    for (u32 i = 0; i < pairs_count; i++, sizes += 2) {
      const u8 *value = name + sizes[0] + 1;
      if (sizes[0] == 9 && !user && equals(name, "x-user-id", 9)) user = value, user_size = sizes[1];
      else if (sizes[0] == 11 && !tenant && equals(name, "x-tenant-id", 11)) tenant = value, tenant_size = sizes[1];
      else if (sizes[0] == 11 && !trace && equals(name, "traceparent", 11)) trace = value, trace_size = sizes[1];
      name = value + sizes[1] + 1;
    }
  }
  propagate(trace, trace_size);
  set_attributes(user, user_size, tenant, tenant_size);
  return CONTINUE;
}
