// traceparent as strings, as one writes it on this SDK. Ids come from splitmix64, seeded by the clock when the plugin starts.
let state: u64 = 0;

export function seed(value: u64): void {
  state = value;
}

function nextId(): u64 {
  state += 0x9e3779b97f4a7c15;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

function hex(value: u64): string {
  let text = "";
  for (let shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef".charAt(<i32>((value >> <u64>shift) & 15));
  return text;
}

function isHex(c: i32): bool {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x66);
}

/** Lower-case hex, and not all zero. */
function isId(text: string, from: i32, to: i32): bool {
  let bits = 0;
  for (let i = from; i < to; i++) {
    if (!isHex(text.charCodeAt(i))) return false;
    bits |= text.charCodeAt(i) ^ 0x30;
  }
  return bits != 0;
}

function isValid(text: string): bool {
  if (text.length != 55 || text.substring(0, 3) != "00-" || text.charAt(35) != "-" || text.charAt(52) != "-") return false;
  return isHex(text.charCodeAt(53)) && isHex(text.charCodeAt(54)) && isId(text, 3, 35) && isId(text, 36, 52);
}

/** The field that goes upstream: the trace that came with a new parent-id, or a new trace. */
export function traceparent(inbound: string): string {
  if (isValid(inbound)) return "00-" + inbound.substring(3, 35) + "-" + hex(nextId()) + "-" + inbound.substring(53, 55);
  return "00-" + hex(nextId()) + hex(nextId()) + "-" + hex(nextId()) + "-01";
}
