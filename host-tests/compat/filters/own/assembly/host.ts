import * as imports from "@solo-io/proxy-runtime/assembly/imports";
import { free, malloc } from "@solo-io/proxy-runtime/assembly/malloc";
import { proxy_get_buffer_bytes } from "./env";

class Handed {
  buffer: usize = 0;
  size: usize = 0;
  bufferAt(): usize {
    return changetype<usize>(this) + offsetof<Handed>("buffer");
  }
  sizeAt(): usize {
    return changetype<usize>(this) + offsetof<Handed>("size");
  }
  take(): ArrayBuffer {
    if (this.size == 0) return new ArrayBuffer(0);
    const bytes = changetype<ArrayBuffer>(this.buffer);
    free(this.buffer);
    return bytes;
  }
}
const handed = new Handed();

export function property(path: string): ArrayBuffer | null {
  const name = String.UTF8.encode(path);
  const status: imports.WasmResult = imports.proxy_get_property(
    changetype<usize>(name),
    name.byteLength,
    handed.bufferAt(),
    handed.sizeAt(),
  );
  return status == 0 ? handed.take() : null;
}

export function body(start: u32, size: u32): string {
  return imports.proxy_get_buffer_bytes(0, start, size, handed.bufferAt(), handed.sizeAt()) == 0
    ? String.UTF8.decode(handed.take())
    : "none";
}

/** The same by a declaration of its own, with memory of its own for the result. */
export function declared(size: u32): string {
  const at = malloc(8);
  const status = proxy_get_buffer_bytes(0, 0, size, at, at + 4);
  const text = status == 0 ? String.UTF8.decode(changetype<ArrayBuffer>(load<usize>(at))) : "none";
  free(at);
  return text;
}
