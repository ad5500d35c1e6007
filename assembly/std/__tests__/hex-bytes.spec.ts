import { hexDigit, readHex, writeHex } from "../hex-bytes";
import { bytes, byteText, textAt } from "./bytes";

function encoded(text: string): string {
  const out = heap.alloc(text.length * 2 + 1);
  writeHex(out, bytes(text, "\xff"));
  return textAt(out, text.length * 2);
}

function decoded(digits: string): string {
  const out = heap.alloc(digits.length + 1);
  return readHex(out, bytes(digits, "00")) ? "'" + textAt(out, digits.length / 2) + "'" : "malformed";
}

describe("hexadecimal", () => {
  it("gives the vectors of RFC 4648, section 10, in lower case", () => {
    expect(encoded("")).toBe("");
    expect(encoded("f")).toBe("66");
    expect(encoded("foobar")).toBe("666f6f626172");
    expect(encoded("\x00\x9a\xff")).toBe("009aff");
  });

  it("is read in either case", () => {
    expect(decoded("")).toBe("''");
    expect(decoded("666F6f626172")).toBe("'foobar'");
    expect(decoded("009AfF")).toBe("'\x00\x9a\xff'");
  });

  it("keeps every byte", () => {
    for (let byte: u32 = 0; byte < 256; byte++) expect(decoded(encoded(byteText(byte)))).toBe("'" + byteText(byte) + "'", byte.toString());
  });

  it("is malformed with an odd number of digits, and with anything else", () => {
    expect(decoded("0")).toBe("malformed");
    expect(decoded("000")).toBe("malformed");
    let digits = "";
    for (let byte: u32 = 0; byte < 256; byte++) {
      if (decoded(byteText(byte) + "0") != "malformed") digits += byteText(byte);
      expect(decoded("0" + byteText(byte)) == "malformed").toBe(hexDigit(byte) < 0, byte.toString());
    }
    expect(digits).toBe("0123456789ABCDEFabcdef");
  });
});
