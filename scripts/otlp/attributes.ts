import { Buffer } from "node:buffer";

/** An attribute's value: int64 becomes a number where it is exact and a bigint where it is not. */
export type AttributeValue = string | boolean | number | bigint | Uint8Array | null | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Record<string, AttributeValue>;

/** Decoded messages as protobufjs hands them over: 64-bit numbers as strings, absent fields absent. */
export interface WireAnyValue {
  value?: string;
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values?: WireAnyValue[] };
  kvlistValue?: { values?: WireKeyValue[] };
  bytesValue?: Uint8Array;
}

export interface WireKeyValue {
  key?: string;
  value?: WireAnyValue;
}

export function attributes(pairs: readonly WireKeyValue[] | undefined): Attributes {
  return Object.fromEntries((pairs ?? []).map(pair => [pair.key ?? "", anyValue(pair.value)]));
}

export function anyValue(wire: WireAnyValue | undefined): AttributeValue {
  if (!wire) return null;
  if (wire.stringValue !== undefined) return wire.stringValue;
  if (wire.boolValue !== undefined) return wire.boolValue;
  if (wire.intValue !== undefined) return integer(wire.intValue);
  if (wire.doubleValue !== undefined) return wire.doubleValue;
  if (wire.arrayValue) return (wire.arrayValue.values ?? []).map(anyValue);
  if (wire.kvlistValue) return attributes(wire.kvlistValue.values);
  return wire.bytesValue ?? null;
}

/** Ids are bytes on the wire and lower-case hex everywhere else; an absent id is "". */
export function hex(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes).toString("hex") : "";
}

function integer(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
