import { environ_get, environ_sizes_get } from "../abi/hostcalls";
import { allocate, OUT, OUT_SIZE } from "../abi/memory";
import { decodeUtf8 } from "../std/utf8";

/** The environment variables that the VM's configuration grants (`vm_config.environment_variables`, Istio `vmConfig.env`). */
export class Environment {
  /**
   * The variable `name`, or null when the VM has none of that name. Valid from the first callback; read it at configuration, a look-up
   * copies the whole environment.
   */
  static get(name: string): string | null {
    const prefix = name + "=";
    const entries = readEnvironment();
    for (let i = 0; i < entries.length; i++) if (entries[i].startsWith(prefix)) return entries[i].substring(prefix.length);
    return null;
  }
}

/** All variables, as `NAME=value`; none where the host gives none. */
export function readEnvironment(): string[] {
  const entries: string[] = [];
  if (environ_sizes_get(OUT, OUT_SIZE) != 0) return entries;
  const count = load<u32>(OUT);
  const size = load<u32>(OUT_SIZE);
  const pointers = allocate(count << 2);
  const block = allocate(size);
  if (count == 0 || pointers == 0 || block == 0 || environ_get(pointers, block) != 0) return entries;
  const end = block + size;
  for (let i: u32 = 0; i < count; i++) {
    const start = <usize>load<u32>(pointers + ((<usize>i) << 2));
    if (start < block || start >= end) continue;
    let stop = start;
    while (stop < end && load<u8>(stop) != 0) stop++;
    entries.push(decodeUtf8(start, <u32>(stop - start)));
  }
  return entries;
}
