import { isHeaderValue } from "../header-value";
import { sliceOfBytes } from "../slice";

describe("the value of a header", () => {
  it("has no NUL, CR or LF, wherever it stands, and may have any other byte", () => {
    for (let length = 0; length < 20; length++) {
      const bytes = new StaticArray<u8>(length);
      bytes.fill(65);
      expect(isHeaderValue(sliceOfBytes(bytes))).toBe(true);
      for (let at = 0; at < length; at++) {
        for (let byte = 0; byte < 256; byte++) {
          bytes[at] = <u8>byte;
          expect(isHeaderValue(sliceOfBytes(bytes))).toBe(byte != 0 && byte != 10 && byte != 13);
        }
        bytes[at] = 65;
      }
    }
  });

  it("may not have one of them after a tab in the same eight bytes", () => {
    const bytes = new StaticArray<u8>(16);
    bytes.fill(9);
    expect(isHeaderValue(sliceOfBytes(bytes))).toBe(true);
    bytes[12] = 10;
    expect(isHeaderValue(sliceOfBytes(bytes))).toBe(false);
  });
});
