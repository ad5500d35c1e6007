import { hexValue, isHexDigit, isHexId, readHexBytes, writeHex64 } from "../hex";
import { slicePointer } from "../slice";
import { bytes, byteText, put, replaced, textAt } from "./bytes";

const DIGITS = "0123456789abcdef";
const ID = "4bf92f3577b34da6a3ce929d0e0e4736";

/** The digits that `writeHex64` writes, and the byte on each side of them. */
function written(value: u64): string {
  const out = slicePointer(bytes("<................>"));
  writeHex64(out + 1, value);
  return textAt(out, 18);
}

/** Whether `text`, whose length is a multiple of eight, is an id. */
function isId(text: string): bool {
  return isHexId(slicePointer(bytes(text, "g")), text.length >> 3);
}

/** The bytes that 16 digits mean, read back as a number. */
function read(digits: string): u64 {
  const out = slicePointer(bytes("<........>"));
  readHexBytes(out + 1, slicePointer(bytes(digits)), 2);
  expect(textAt(out, 1)).toBe("<");
  expect(textAt(out + 9, 1)).toBe(">");
  return bswap<u64>(load<u64>(out + 1));
}

describe("hex", () => {
  it("reads what it writes", () => {
    for (let shift: u64 = 0; shift < 64; shift++) {
      for (let part: u64 = 1; part < 0x10000; part = part * 3 + 1) {
        const value = rotl<u64>(part, shift);
        const text = written(value).substring(1, 17);
        expect(read(text)).toBe(value);
      }
    }
  });

  it("writes 16 lower-case digits, and only those", () => {
    expect(written(0)).toBe("<0000000000000000>");
    expect(written(1)).toBe("<0000000000000001>");
    expect(written(0x00f067aa0ba902b7)).toBe("<00f067aa0ba902b7>");
    expect(written(0x0123456789abcdef)).toBe("<0123456789abcdef>");
    expect(written(0xfedcba9876543210)).toBe("<fedcba9876543210>");
    expect(written(0x9a9a9a9a9a9a9a9a)).toBe("<9a9a9a9a9a9a9a9a>");
    expect(written(0xa9a9a9a9a9a9a9a9)).toBe("<a9a9a9a9a9a9a9a9>");
    expect(written(0x8000000000000000)).toBe("<8000000000000000>");
    expect(written(u64.MAX_VALUE)).toBe("<ffffffffffffffff>");
  });

  it("writes each digit at each place", () => {
    for (let place = 0; place < 16; place++) {
      for (let digit = 0; digit < 16; digit++) {
        const expected = replaced("0000000000000000", place, DIGITS.charAt(digit));
        expect(written((<u64>digit) << ((15 - place) << 2))).toBe("<" + expected + ">");
      }
    }
  });

  it("takes 0-9 and a-f for digits and nothing else", () => {
    let digits = "";
    for (let byte: u32 = 0; byte < 256; byte++) if (isHexDigit(byte)) digits += byteText(byte);
    expect(digits).toBe(DIGITS);
  });

  it("values digits from 0 to 15", () => {
    for (let i = 0; i < 16; i++) expect(hexValue(DIGITS.charCodeAt(i))).toBe(i);
  });

  it("accepts an id, at each place each digit and nothing else", () => {
    expect(isId(ID)).toBe(true);
    const at = slicePointer(bytes(ID, "g"));
    let wrong = "";
    for (let size = 8; size <= 32; size += 8) {
      for (let place = 0; place < size; place++) {
        for (let byte: u32 = 0; byte < 256; byte++) {
          store<u8>(at + place, <u8>byte);
          if (isHexId(at, size >> 3) != DIGITS.includes(byteText(byte))) {
            wrong += byte.toString() + " at " + place.toString() + " of " + size.toString() + "\n";
          }
        }
        put(at, ID);
      }
    }
    expect(wrong).toBe("");
  });

  it("refuses two wrong bytes whose sums could make up for each other", () => {
    // 0xff and 0xb0 carry into the byte behind them.
    const at = slicePointer(bytes(ID));
    let accepted = 0;
    for (let first: u32 = 0x80; first < 256; first++) {
      for (let second: u32 = 0; second < 256; second++) {
        store<u8>(at, <u8>first);
        store<u8>(at + 1, <u8>second);
        if (isHexId(at, 4)) accepted++;
      }
    }
    expect(accepted).toBe(0);
  });

  it("refuses an id of zeros only, of either size", () => {
    expect(isId("0".repeat(16))).toBe(false);
    expect(isId("0".repeat(32))).toBe(false);
  });

  it("accepts an id with one digit that is not 0, wherever it stands", () => {
    for (let size = 16; size <= 32; size += 16) {
      for (let place = 0; place < size; place++) {
        for (let digit = 1; digit < 16; digit++) {
          const id = replaced("0".repeat(size), place, DIGITS.charAt(digit));
          expect(isId(id)).toBe(true, id);
        }
      }
    }
  });

  it("does not look behind the id", () => {
    expect(isHexId(slicePointer(bytes("0000000000000000", "1111111111111111")), 2)).toBe(false);
    expect(isHexId(slicePointer(bytes("000000000000000f", "GGGGGGGGGGGGGGGG")), 2)).toBe(true);
  });
});
