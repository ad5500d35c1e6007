// Proxy-Wasm ABI 0.2.1, as much of it as the measured programs need: no library, no heap.
#pragma once
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))
#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))

enum { REQUEST_HEADERS = 0, OK = 0, CONTINUE = 0 };

IMPORT(proxy_get_header_map_pairs) u32 get_pairs(u32 map, const u8 **pairs, u32 *size);
IMPORT(proxy_get_header_map_value) u32 get_header(u32 map, const char *name, u32 name_size, const u8 **value, u32 *value_size);
IMPORT(proxy_add_header_map_value) u32 add_header(u32 map, const char *name, u32 name_size, const char *value, u32 value_size);
IMPORT(proxy_replace_header_map_value) u32 replace_header(u32 map, const char *name, u32 name_size, const char *value, u32 value_size);
IMPORT(proxy_set_property) u32 set_property(const char *path, u32 path_size, const void *value, u32 value_size);
IMPORT(proxy_get_current_time_nanoseconds) u32 now(u64 *time);

EXPORT(proxy_abi_version_0_2_1) void abi_version(void) {}

// What the host hands over lives until the callback returns, so the arena begins anew with each.
static u8 arena[65536] __attribute__((aligned(16)));
static u32 used = 0;

EXPORT(proxy_on_memory_allocate) void *allocate(u32 size) {
  u32 at = used;
  used += (size + 15) & ~15u;
  return used <= sizeof arena ? arena + at : 0;
}
