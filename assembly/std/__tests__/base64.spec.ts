import { base64Room, readBase64, writeBase64 } from "../base64";
import { EMPTY, Slice, sliceLength, slicePointer } from "../slice";
import { bytes, byteText, textAt } from "./bytes";

function encoded(text: string, url: bool = false): string {
  const out = heap.alloc(<usize>base64Room(text.length) + 1);
  return textAt(out, writeBase64(out, bytes(text, "\xff"), url));
}

/** What a text stands for; "malformed" when it is none. */
function decoded(text: string, url: bool = false): string {
  const value = bytes(text, "AAAA");
  const out = heap.alloc(text.length + 1);
  const size = readBase64(out, value, url);
  return size < 0 ? "malformed" : "'" + textAt(out, size) + "'";
}

/** Every byte, as text. */
function everything(): string {
  let text = "";
  for (let byte: u32 = 0; byte < 256; byte++) text += byteText(byte);
  return text;
}

describe("Base64", () => {
  it("gives the vectors of RFC 4648, section 10", () => {
    expect(encoded("")).toBe("");
    expect(encoded("f")).toBe("Zg==");
    expect(encoded("fo")).toBe("Zm8=");
    expect(encoded("foo")).toBe("Zm9v");
    expect(encoded("foob")).toBe("Zm9vYg==");
    expect(encoded("fooba")).toBe("Zm9vYmE=");
    expect(encoded("foobar")).toBe("Zm9vYmFy");
  });

  it("reads the vectors of RFC 4648, section 10", () => {
    expect(decoded("")).toBe("''");
    expect(decoded("Zg==")).toBe("'f'");
    expect(decoded("Zm8=")).toBe("'fo'");
    expect(decoded("Zm9v")).toBe("'foo'");
    expect(decoded("Zm9vYg==")).toBe("'foob'");
    expect(decoded("Zm9vYmE=")).toBe("'fooba'");
    expect(decoded("Zm9vYmFy")).toBe("'foobar'");
  });

  it("has the symbols of section 4, base64url those of section 5 without padding", () => {
    expect(encoded("\xfb\xff\xbe")).toBe("+/++");
    expect(encoded("\xfb\xff\xbe", true)).toBe("-_--");
    expect(encoded("\xff", true)).toBe("_w");
    expect(encoded("\xff\xef", true)).toBe("_-8");
    expect(decoded("+/++")).toBe("'\xfb\xff\xbe'");
    expect(decoded("-_--", true)).toBe("'\xfb\xff\xbe'");
    expect(decoded("-_--")).toBe("malformed");
    expect(decoded("+/++", true)).toBe("malformed");
  });

  it("keeps every byte, at every length", () => {
    const all = everything();
    for (let length = 0; length <= 256; length++) {
      const text = all.substring(256 - length);
      expect(decoded(encoded(text))).toBe("'" + text + "'", length.toString());
      expect(decoded(encoded(text, true), true)).toBe("'" + text + "'", length.toString());
      expect(<u64>encoded(text).length).toBe(base64Room(length));
    }
  });

  it("reads in place", () => {
    const value = bytes("Zm9vYmFy");
    expect(readBase64(slicePointer(value), value, false)).toBe(6);
    expect(textAt(slicePointer(value), 6)).toBe("foobar");
  });

  it("reads base64url with its padding or without any", () => {
    expect(decoded("Zg", true)).toBe("'f'");
    expect(decoded("Zg==", true)).toBe("'f'");
    expect(decoded("Zm8", true)).toBe("'fo'");
    expect(decoded("Zm8=", true)).toBe("'fo'");
    expect(decoded("Zg=", true)).toBe("malformed");
    expect(decoded("Zm8==", true)).toBe("malformed");
    expect(decoded("Zm9v=", true)).toBe("malformed");
    expect(decoded("Zm9v====", true)).toBe("malformed");
  });

  it("refuses padding that is missing, too much, or in the middle", () => {
    expect(decoded("Zg")).toBe("malformed");
    expect(decoded("Zg=")).toBe("malformed");
    expect(decoded("Zm8")).toBe("malformed");
    expect(decoded("Zg===")).toBe("malformed");
    expect(decoded("Zm9v==")).toBe("malformed");
    expect(decoded("=")).toBe("malformed");
    expect(decoded("==")).toBe("malformed");
    expect(decoded("====")).toBe("malformed");
    expect(decoded("Z===")).toBe("malformed");
    expect(decoded("Zg==Zg==")).toBe("malformed");
    expect(decoded("Z=g=")).toBe("malformed");
  });

  it("refuses a single symbol, which is no byte", () => {
    expect(decoded("Z")).toBe("malformed");
    expect(decoded("Z", true)).toBe("malformed");
    expect(decoded("Zm9vZ", true)).toBe("malformed");
  });

  it("refuses unused bits that are not 0: each text of bytes is the only one", () => {
    expect(decoded("Zh==")).toBe("malformed");
    expect(decoded("Zm9=")).toBe("malformed");
    expect(decoded("Zh", true)).toBe("malformed");
    expect(decoded("Zm9", true)).toBe("malformed");
  });

  it("refuses every byte that is no symbol, white space among them", () => {
    let standard = "";
    let url = "";
    for (let byte: u32 = 0; byte < 256; byte++) {
      if (decoded("AAA" + byteText(byte)) != "malformed") standard += byteText(byte);
      if (decoded("A" + byteText(byte) + "AA", true) != "malformed") url += byteText(byte);
    }
    const alphanumeric = "0123456789" + "=" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const small = "abcdefghijklmnopqrstuvwxyz";
    // "=" where the last symbol has no unused bits set: "AAA=".
    expect(standard).toBe("+/" + alphanumeric + small);
    expect(url).toBe("-" + alphanumeric.replace("=", "") + "_" + small);
    expect(decoded("Zm9v\n")).toBe("malformed");
    expect(decoded("Zm 9v")).toBe("malformed");
  });

  it("ends where the slice ends", () => {
    expect(decoded("Zg==")).toBe("'f'");
    expect(readBase64(slicePointer(EMPTY), EMPTY, false)).toBe(0);
    expect(base64Room(0)).toBe(0);
    expect(base64Room(u32.MAX_VALUE)).toBe(5726623060);
  });
});
