import { hexValue, isHex, isHexDigit, isZero, writeHex64 } from "../hex";
import { utf8Bytes } from "../utf8";

function at(bytes: StaticArray<u8>): usize {
  return changetype<usize>(bytes);
}

describe("hex", () => {
  it("writes 16 lower-case digits", () => {
    const out = new StaticArray<u8>(16);
    writeHex64(at(out), 0x00f067aa0ba902b7);
    expect(String.UTF8.decodeUnsafe(at(out), 16)).toBe("00f067aa0ba902b7");
    writeHex64(at(out), u64.MAX_VALUE);
    expect(String.UTF8.decodeUnsafe(at(out), 16)).toBe("ffffffffffffffff");
  });

  it("takes 0-9 and a-f for digits and nothing else", () => {
    let digits = "";
    for (let byte: u32 = 0; byte < 256; byte++) if (isHexDigit(byte)) digits += String.fromCharCode(byte);
    expect(digits).toBe("0123456789abcdef");
  });

  it("refuses a value with one wrong character at any place", () => {
    const good = utf8Bytes("4bf92f3577b34da6");
    expect(isHex(at(good), 16)).toBe(true);
    for (let i = 0; i < 16; i++) {
      const bad = utf8Bytes("4bf92f3577b34da6");
      bad[i] = 0x47;
      expect(isHex(at(bad), 16)).toBe(false);
    }
  });

  it("tells all zeros from almost all zeros", () => {
    expect(isZero(at(utf8Bytes("0000000000000000")), 16)).toBe(true);
    expect(isZero(at(utf8Bytes("0000000000000001")), 16)).toBe(false);
    expect(isZero(at(utf8Bytes("1000000000000000")), 16)).toBe(false);
  });

  it("values digits from 0 to 15", () => {
    const digits = utf8Bytes("0123456789abcdef");
    for (let i = 0; i < 16; i++) expect(hexValue(digits[i])).toBe(i);
  });
});
