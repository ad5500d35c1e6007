// traceparent: validated and given a new parent-id, or made anew. Ids come from splitmix64, seeded by the clock when the plugin starts.
#pragma once
#include "abi.h"

static char traceparent[] = "00-00000000000000000000000000000000-0000000000000000-01";
enum { TRACEPARENT_SIZE = 55, TRACE_ID = 3, PARENT_ID = 36, FLAGS = 53 };

static u64 state = 0;

EXPORT(proxy_on_configure) u32 on_configure(u32 id, u32 size) {
  now(&state);
  return 1;
}

static u64 next_id(void) {
  u64 z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void write_hex(char *to, u64 value) {
  for (int i = 15; i >= 0; i--, value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

static u32 is_hex(u32 c) { return c - '0' <= 9 || c - 'a' <= 5; }

// Lower-case hex, and not all zero.
static u32 is_id(const u8 *from, u32 size) {
  u32 bits = 0;
  for (u32 i = 0; i < size; i++) {
    if (!is_hex(from[i])) return 0;
    bits |= from[i] ^ '0';
  }
  return bits != 0;
}

static u32 is_valid(const u8 *value, u32 size) {
  return size == TRACEPARENT_SIZE && value[0] == '0' && value[1] == '0' && value[2] == '-' && value[35] == '-' && value[52] == '-' &&
         is_hex(value[53]) && is_hex(value[54]) && is_id(value + TRACE_ID, 32) && is_id(value + PARENT_ID, 16);
}

static void propagate(const u8 *inbound, u32 size) {
  if (inbound && is_valid(inbound, size)) {
    __builtin_memcpy(traceparent + TRACE_ID, inbound + TRACE_ID, 32);
    __builtin_memcpy(traceparent + FLAGS, inbound + FLAGS, 2);
  } else {
    write_hex(traceparent + TRACE_ID, next_id());
    write_hex(traceparent + TRACE_ID + 16, next_id());
    __builtin_memcpy(traceparent + FLAGS, "01", 2);
  }
  write_hex(traceparent + PARENT_ID, next_id());
  replace_header(REQUEST_HEADERS, "traceparent", 11, traceparent, TRACEPARENT_SIZE);
}
