import { ProtoReader, ProtoWriter, WireType } from "../protobuf";
import { ABSENT, EMPTY, sliceLength, slicePointer } from "../slice";
import { bytes, byteText, range, textAt, textOf } from "./bytes";

function written(writer: ProtoWriter): string {
  return textOf(writer.view);
}

/** The fields of a message, as `1:150` for a number and `2:"text"` for bytes; " malformed" at the end where it is. */
function fields(message: string, behind: string = "\x01\x01\x01\x01\x01\x01\x01\x01"): string {
  const reader = new ProtoReader(bytes(message, behind));
  let text = "";
  while (reader.next()) {
    text += (text.length > 0 ? " " : "") + reader.field.toString() + ":";
    if (reader.wireType == WireType.Length) text += '"' + textOf(reader.value) + '"';
    else {
      text += reader.number.toString();
      expect(reader.value).toBe(ABSENT, message);
    }
  }
  // Once it has ended it stays at its end.
  expect(reader.next()).toBe(false);
  return reader.malformed ? text + " malformed" : text;
}

function reads(message: string, expected: string): void {
  expect(fields(message)).toBe(expected);
}

function bytesOf(text: string): Uint8Array {
  const array = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) array[i] = <u8>text.charCodeAt(i);
  return array;
}

describe("protobuf: writing", () => {
  it("writes the examples of the encoding guide", () => {
    expect(written(new ProtoWriter().varint(1, 150))).toBe("\x08\x96\x01");
    expect(written(new ProtoWriter().text(2, "testing"))).toBe("\x12\x07testing");
    expect(written(new ProtoWriter().message(3, new ProtoWriter().varint(1, 150)))).toBe("\x1a\x03\x08\x96\x01");
  });

  it("writes numbers in groups of seven bits, the lowest first", () => {
    expect(written(new ProtoWriter().varint(1, 1))).toBe("\x08\x01");
    expect(written(new ProtoWriter().varint(1, 127))).toBe("\x08\x7f");
    expect(written(new ProtoWriter().varint(1, 128))).toBe("\x08\x80\x01");
    expect(written(new ProtoWriter().varint(1, 16383))).toBe("\x08\xff\x7f");
    expect(written(new ProtoWriter().varint(1, 16384))).toBe("\x08\x80\x80\x01");
    expect(written(new ProtoWriter().varint(1, u64.MAX_VALUE))).toBe("\x08" + "\xff".repeat(9) + "\x01");
  });

  it("writes tags of more than one byte", () => {
    expect(written(new ProtoWriter().varint(15, 1))).toBe("\x78\x01");
    expect(written(new ProtoWriter().varint(16, 1))).toBe("\x80\x01\x01");
    expect(written(new ProtoWriter().text(536870911, "a"))).toBe("\xfa\xff\xff\xff\x0f\x01a");
  });

  it("writes fixed numbers with the lowest byte first", () => {
    expect(written(new ProtoWriter().fixed64(1, 0x0123456789abcdef))).toBe("\x09\xef\xcd\xab\x89\x67\x45\x23\x01");
  });

  it("leaves default values out, but not an empty message", () => {
    const writer = new ProtoWriter().varint(1, 0).fixed64(2, 0).text(3, "").data(4, new Uint8Array(0));
    expect(written(writer)).toBe("");
    expect(sliceLength(writer.view)).toBe(0);
    expect(written(writer.message(5, new ProtoWriter()))).toBe("\x2a\x00");
  });

  it("writes text as UTF-8 and data as it is, also a part of a buffer", () => {
    expect(written(new ProtoWriter().text(1, "é😀"))).toBe("\x0a\x06\xc3\xa9\xf0\x9f\x98\x80");
    expect(written(new ProtoWriter().data(1, bytesOf("\0\xff")))).toBe("\x0a\x02\0\xff");
    expect(written(new ProtoWriter().data(1, bytesOf("abcdef").subarray(2, 4)))).toBe("\x0a\x02cd");
  });

  it("gives a copy that later fields do not change", () => {
    const writer = new ProtoWriter().text(1, "a");
    const copy = writer.toBytes();
    writer.text(2, "b");
    expect(copy.length).toBe(3);
    expect(textAt(copy.dataStart, 3)).toBe("\x0a\x01a");
    expect(new ProtoWriter().toBytes().length).toBe(0);
  });

  it("grows as it needs, one byte or many at a time", () => {
    for (let length = 1; length <= 300; length++) {
      const text = "x".repeat(length);
      const prefix = length < 128 ? byteText(length) : byteText((length & 127) | 128) + byteText(length >> 7);
      expect(written(new ProtoWriter().varint(1, 5).text(2, text).varint(3, 7))).toBe("\x08\x05\x12" + prefix + text + "\x18\x07");
    }
    const many = new ProtoWriter();
    let expected = "";
    for (let i = 0; i < 200; i++) {
      many.varint(1, 1);
      expected += "\x08\x01";
    }
    expect(written(many)).toBe(expected);
  });
});

describe("protobuf: reading", () => {
  it("reads numbers, fixed numbers, bytes and messages in order", () => {
    reads("", "");
    reads("\x08\x7f", "1:127");
    reads("\x08\x96\x01", "1:150");
    reads("\x12\x07testing", '2:"testing"');
    reads("\x1a\x03\x08\x96\x01", '3:"\x08\x96\x01"');
    reads("\x09\xef\xcd\xab\x89\x67\x45\x23\x01", "1:81985529216486895");
    reads("\x0d\xff\xff\xff\xff", "1:4294967295");
    reads("\x08\x01\x12\x01a\x08\x02", '1:1 2:"a" 1:2');
    reads("\x08" + "\xff".repeat(9) + "\x01", "1:18446744073709551615");
    reads("\xf8\xff\xff\xff\x0f\x00", "536870911:0");
  });

  it("reads numbers with more bytes than they need", () => {
    reads("\x08\x80\x00", "1:0");
    reads("\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00", "1:1");
    reads("\x88\x00\x05", "1:5");
  });

  it("tells empty bytes from a number", () => {
    const reader = new ProtoReader(bytes("\x0a\x00\x10\x05"));
    expect(reader.next()).toBe(true);
    expect(reader.value).not.toBe(ABSENT);
    expect(sliceLength(reader.value)).toBe(0);
    expect(reader.next()).toBe(true);
    expect(reader.value).toBe(ABSENT);
    expect(reader.number).toBe(5);
  });

  it("has no field where there is no message", () => {
    expect(new ProtoReader(EMPTY).next()).toBe(false);
    expect(new ProtoReader(ABSENT).next()).toBe(false);
  });

  it("ends early at a field that breaks off, whatever stands behind it", () => {
    const messages = ["\x08", "\x08\x80", "\x88", "\x0d\x01\x02\x03", "\x09\x01\x02\x03\x04\x05\x06\x07", "\x12", "\x12\x80", "\x12\x02a"];
    for (let i = 0; i < messages.length; i++) {
      reads(messages[i], " malformed");
      reads("\x18\x05" + messages[i], "3:5 malformed");
    }
  });

  it("ends early at a length beyond the end, however large", () => {
    reads("\x12\x01", " malformed");
    reads("\x12\xff\xff\xff\xff\x0fa", " malformed");
    reads("\x12\x81\x80\x80\x80\x10a", " malformed");
    reads("\x12" + "\xff".repeat(9) + "\x01a", " malformed");
  });

  it("ends early at wire types that there are not, groups among them", () => {
    reads("\x0b\x08\x01\x0c", " malformed");
    reads("\x0c", " malformed");
    reads("\x0e\x01", " malformed");
    reads("\x0f\x01", " malformed");
  });

  it("ends early at a number of more than ten bytes", () => {
    reads("\x08" + "\x80".repeat(10) + "\x01", " malformed");
    reads("\x80".repeat(10) + "\x01", " malformed");
  });

  it("ends early at field 0 and at a tag of more than 32 bits", () => {
    reads("\x00\x01", " malformed");
    reads("\x02\x01a", " malformed");
    reads("\x88\x80\x80\x80\x10\x05", " malformed");
    // 2^32 fields further than 1.
    reads("\x88\x80\x80\x80\x80\x01\x05", " malformed");
  });

  it("reads what it writes", () => {
    const inner = new ProtoWriter().text(1, "x").fixed64(2, u64.MAX_VALUE);
    const outer = new ProtoWriter()
      .varint(1, 1 << 63)
      .message(2, inner)
      .data(1000, bytesOf(range(0, 255)));
    const reader = new ProtoReader(outer.view);
    expect(reader.next()).toBe(true);
    expect(reader.number).toBe(1 << 63);
    expect(reader.next()).toBe(true);
    expect(fields(textOf(reader.value))).toBe('1:"x" 2:18446744073709551615');
    expect(reader.next()).toBe(true);
    expect(reader.field).toBe(1000);
    expect(textOf(reader.value)).toBe(range(0, 255));
    expect(slicePointer(reader.value)).toBeGreaterThan(slicePointer(outer.view));
    expect(reader.next()).toBe(false);
    expect(reader.malformed).toBe(false);
  });

  it("reads any three bytes without a fault", () => {
    const alphabet = "\x00\x01\x07\x08\x09\x0a\x0d\x7f\x80\x81\x8a\xff";
    const n = alphabet.length;
    let ends = 0;
    for (let i = 0; i < n * n * n; i++) {
      const message = alphabet.charAt(i % n) + alphabet.charAt((i / n) % n) + alphabet.charAt(i / n / n);
      const slice = bytes(message);
      const reader = new ProtoReader(slice);
      while (reader.next()) {
        if (reader.value == ABSENT) continue;
        const end = slicePointer(reader.value) + sliceLength(reader.value);
        if (slicePointer(reader.value) < slicePointer(slice) || end > slicePointer(slice) + 3) ends++;
      }
    }
    expect(ends).toBe(0);
  });
});
