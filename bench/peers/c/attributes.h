// The four attributes: two of them from headers, two the same for every request.
#pragma once
#include "abi.h"

#define SET(name, value, size) set_property(name, sizeof(name) - 1, value, size)

static void set_attributes(const u8 *user, u32 user_size, const u8 *tenant, u32 tenant_size) {
  SET("span.attributes.app.version", "1.4.2", 5);
  SET("span.attributes.cluster.name", "edge-1", 6);
  if (user) SET("span.attributes.user.id", user, user_size);
  if (tenant) SET("span.attributes.tenant.id", tenant, tenant_size);
}
