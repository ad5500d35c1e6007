import type { ByteString } from "./bytes.ts";
import { encodePairs } from "./pairs.ts";
import { gap } from "./refusal.ts";

/** A value of an attribute, or of a CEL expression. */
export type Value =
  | { readonly type: "string" | "bytes"; readonly value: ByteString }
  /** Durations and points in time are nanoseconds. */
  | { readonly type: "int" | "uint" | "duration" | "timestamp"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "null" }
  | { readonly type: "map"; get(key: ByteString): Value | undefined; keys(): ByteString[] | null }
  | { readonly type: "list"; readonly items: readonly Value[] }
  /** A protobuf message: its fields can be read, the whole has no bytes here. */
  | { readonly type: "message"; readonly name: string; field(name: string): Value | undefined };

export const text = (value: ByteString): Value => ({ type: "string", value });
export const int = (value: number | bigint): Value => ({ type: "int", value: BigInt(value) });
export const uint = (value: number | bigint): Value => ({ type: "uint", value: BigInt(value) });

export function mapOf(entries: Iterable<readonly [ByteString, Value]>): Value {
  const map = new Map(entries);
  return { type: "map", get: key => map.get(key), keys: () => [...map.keys()] };
}

/** One step of a path: a key of a map, a field of a message, an index of a list. */
export function step(value: Value, part: ByteString): Value | undefined {
  if (value.type === "map") return value.get(part);
  if (value.type === "message") return value.field(part);
  if (value.type === "list") return /^\s*\+?\d+\s*$/.test(part) ? value.items[Number(part)] : undefined;
  return undefined;
}

/** The bytes that `proxy_get_property` and `expr_evaluate` give for a value; null when the host can't serialise it. */
export function serialize(value: Value): Buffer | null {
  switch (value.type) {
    case "string":
    case "bytes":
      return Buffer.from(value.value, "latin1");
    case "int":
    case "uint":
    case "duration":
    case "timestamp":
      return long(value.value);
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value.value);
      return bytes;
    }
    case "bool":
      return Buffer.from([value.value ? 1 : 0]);
    case "map":
      // Groups of attributes can't be listed.
      return pairs(value.keys()?.map(key => [text(key), value.get(key) ?? { type: "null" }]) ?? null);
    case "list":
      return pairs(value.items.map(item => [item, text("")]));
    case "message":
      throw gap(`the bytes of the protobuf message ${value.name} (a property without a field)`);
    case "null":
      return null;
  }
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  return bytes;
}

function pairs(entries: [Value, Value][] | null): Buffer | null {
  if (!entries) return null;
  const serialized: [ByteString, ByteString][] = [];
  for (const entry of entries) {
    const [key, value] = entry.map(serialize);
    if (!key || !value) return null;
    serialized.push([key.toString("latin1"), value.toString("latin1")]);
  }
  return encodePairs(serialized);
}

/** What a test may give as an attribute: text (UTF-8), numbers (a bigint is an integer, a number a double), booleans, objects, lists, bytes. */
export type Given = string | number | bigint | boolean | null | Uint8Array | readonly Given[] | { readonly [key: string]: Given };

export function givenValue(given: Given): Value {
  if (given === null) return { type: "null" };
  if (typeof given === "string") return text(Buffer.from(given, "utf8").toString("latin1"));
  if (typeof given === "bigint") return int(given);
  if (typeof given === "number") return { type: "double", value: given };
  if (typeof given === "boolean") return { type: "bool", value: given };
  if (given instanceof Uint8Array) return { type: "bytes", value: Buffer.from(given).toString("latin1") };
  if (Array.isArray(given)) return { type: "list", items: given.map(givenValue) };
  return mapOf(Object.entries(given).map(([key, each]) => [Buffer.from(key, "utf8").toString("latin1"), givenValue(each)]));
}
