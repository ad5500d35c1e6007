/** The transcript: one line in the log for each call, with its status and what it gave. */
import { proxy_log } from "../../../assembly/abi/hostcalls";

/** Room for what hostcalls return through pointers, 8 bytes apart. */
export const OUT: usize = memory.data(64, 8);
export const OUT2: usize = OUT + 8;
export const OUT3: usize = OUT + 16;

let phase: string = "";

export function inPhase(name: string): void {
  phase = name;
}

export function currentPhase(): string {
  return phase;
}

/** `T <phase> <what>` in the log. */
export function line(what: string): void {
  const bytes = String.UTF8.encode("T " + phase + " " + what);
  proxy_log(2, changetype<usize>(bytes), bytes.byteLength);
}

/** A call with its status, and what it gave if that is Ok. */
export function told(call: string, status: u32, value: string = ""): void {
  line(call + " = " + status.toString() + (status == 0 && value.length > 0 ? " " + value : ""));
}

/** Bytes for the eye: printable ASCII as it is, the rest in hexadecimal. */
export function shown(pointer: usize, size: u32): string {
  if (pointer == 0 && size == 0) return "null,0";
  let text = "'";
  const digits = "0123456789abcdef";
  for (let i: u32 = 0; i < size && i < 2000; i++) {
    const byte = load<u8>(pointer + i);
    if (byte >= 0x20 && byte < 0x7f && byte != 0x5c) text += String.fromCharCode(byte);
    else text += "\\" + digits.charAt(byte >> 4) + digits.charAt(byte & 15);
  }
  return text + "'";
}

/** What OUT and OUT2 point to. */
export function given(): string {
  return shown(load<u32>(OUT), load<u32>(OUT2));
}

/** Text as bytes; the buffers live as long as the module. */
export class Bytes {
  readonly pointer: usize;
  readonly size: u32;
  constructor(readonly buffer: ArrayBuffer) {
    this.pointer = changetype<usize>(buffer);
    this.size = buffer.byteLength;
  }
}

export function bytes(text: string): Bytes {
  return new Bytes(String.UTF8.encode(text));
}

/** Header pairs in the ABI's form. */
export function pairs(list: string[]): Bytes {
  const count = list.length / 2;
  let size = 4 + count * 8;
  for (let i = 0; i < list.length; i++) size += String.UTF8.byteLength(list[i]) + 1;
  const buffer = new ArrayBuffer(size);
  const start = changetype<usize>(buffer);
  store<u32>(start, count);
  let at = start + 4 + count * 8;
  for (let i = 0; i < list.length; i++) {
    const part = String.UTF8.encode(list[i]);
    store<u32>(start + 4 + i * 4, part.byteLength);
    memory.copy(at, changetype<usize>(part), part.byteLength);
    at += part.byteLength + 1;
  }
  return new Bytes(buffer);
}
