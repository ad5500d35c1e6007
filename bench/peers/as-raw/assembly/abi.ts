// Proxy-Wasm ABI 0.2.1, as much of it as the measured programs need: no SDK, no strings, no objects.
// @ts-ignore: decorator
@external("env", "proxy_get_header_map_pairs")
export declare function getPairs(map: u32, pairs: usize, size: usize): u32;
// @ts-ignore: decorator
@external("env", "proxy_add_header_map_value")
export declare function addHeader(map: u32, name: usize, nameSize: u32, value: usize, valueSize: u32): u32;
// @ts-ignore: decorator
@external("env", "proxy_replace_header_map_value")
export declare function replaceHeader(map: u32, name: usize, nameSize: u32, value: usize, valueSize: u32): u32;
// @ts-ignore: decorator
@external("env", "proxy_set_property")
export declare function setProperty(path: usize, pathSize: u32, value: usize, valueSize: u32): u32;
// @ts-ignore: decorator
@external("env", "proxy_get_current_time_nanoseconds")
export declare function now(time: usize): u32;

export const REQUEST_HEADERS: u32 = 0;
export const OK: u32 = 0;
export const CONTINUE: u32 = 0;

export function proxy_abi_version_0_2_1(): void {}

const ARENA_SIZE: u32 = 65536;
const ARENA: usize = memory.data(65536, 16);
let used: u32 = 0;

export function proxy_on_memory_allocate(size: u32): usize {
  const at = used;
  used += (size + 15) & ~15;
  return used <= ARENA_SIZE ? ARENA + at : 0;
}

/** What the host hands over lives until the callback returns, so the arena begins anew with each. */
export function forget(): void {
  used = 0;
}
