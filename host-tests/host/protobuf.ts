/** Just enough of protobuf's wire format for the arguments and results of Envoy's foreign functions. */

/** A field's values in order: numbers of varints, bytes of everything with a length. */
export type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

/** The fields of a message, by number; null when it is malformed. */
export function decodeFields(message: Buffer): Fields | null {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    return null;
  };
  const bytes = (size: number): Buffer | null => {
    if (at + size > message.length) return null;
    at += size;
    return message.subarray(at - size, at);
  };
  while (at < message.length) {
    const tag = varint();
    if (tag === null || tag >> 3n === 0n) return null;
    const wire = Number(tag & 7n);
    const size = wire === 2 ? varint() : wire === 1 ? 8n : wire === 5 ? 4n : null;
    const value = wire === 0 ? varint() : size === null ? null : bytes(Number(size));
    if (value === null) return null;
    const number = Number(tag >> 3n);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

/** The last value of a field, as bytes; empty when absent. */
export function bytesField(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.at(-1);
  return value instanceof Buffer ? value : Buffer.alloc(0);
}

export function numberField(fields: Fields, number: number): number {
  const value = fields.get(number)?.at(-1);
  return typeof value === "bigint" ? Number(value) : 0;
}

/** Encodes a message of booleans and byte fields; what is false or empty is left out, as proto3 does. */
export function encodeFields(fields: readonly (readonly [number: number, value: boolean | Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  for (const [number, value] of fields) {
    if (value === true) parts.push(Buffer.from([number << 3, 1]));
    else if (value instanceof Buffer && value.length > 0) parts.push(Buffer.from([(number << 3) | 2]), varint(value.length), value);
  }
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
