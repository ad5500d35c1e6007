import { slicePointer } from "../slice";
import { cleanText, decodeUtf8, utf8Bytes } from "../utf8";
import { bytes, byteText, textAt, textOfBytes } from "./bytes";

/** U+FFFD. */
const shown = "\xef\xbf\xbd";

/** The bytes of `text` made clean, within `limit` bytes. */
function clean(text: string, limit: u32 = 1000): string {
  const out = slicePointer(bytes(".".repeat(limit + 8)));
  const size = cleanText(slicePointer(bytes(text, "\x80\x80\x80")), text.length, out, limit);
  // Nothing is written beyond what it says and beyond what is allowed.
  expect(textAt(out + size, 8)).toBe("........", text);
  return textAt(out, size);
}

describe("utf8: clean text", () => {
  it("leaves clean text as it is", () => {
    expect(clean("")).toBe("");
    expect(clean(" a~")).toBe(" a~");
    expect(clean("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")).toBe("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    expect(clean("\xc2\xa0")).toBe("\xc2\xa0");
    expect(clean(shown)).toBe(shown);
  });

  it("shows C0, DEL and C1 as U+FFFD and nothing else below U+0100", () => {
    for (let point = 0; point < 256; point++) {
      const text = textOfBytes(utf8Bytes(String.fromCharCode(point)));
      const isControl = point < 0x20 || (point >= 0x7f && point < 0xa0);
      expect(clean("<" + text + ">")).toBe("<" + (isControl ? shown : text) + ">", point.toString());
    }
  });

  it("shows each byte that starts no character as U+FFFD", () => {
    for (let byte: u32 = 0x80; byte < 256; byte++) {
      expect(clean("<" + byteText(byte) + ">")).toBe("<" + shown + ">", byte.toString());
      expect(clean("<" + byteText(byte))).toBe("<" + shown, byte.toString());
    }
  });

  it("lets no line end through", () => {
    expect(clean("a\r\nx-admin: 1")).toBe("a" + shown + shown + "x-admin: 1");
  });

  it("lets no overlong form and no surrogate through", () => {
    expect(clean("\xc0\x8a")).toBe(shown + shown);
    expect(clean("\xe0\x80\x8a")).toBe(shown + shown + shown);
    expect(clean("\xed\xa0\xbd\xed\xb8\x80")).toBe(shown.repeat(6));
  });

  it("cuts on a character boundary at every limit, as late as it can", () => {
    const parts = ["a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", shown, shown, shown, "z"];
    const text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\xc2\x85\xffz";
    const whole = parts.join("");
    for (let limit = 0; limit <= whole.length + 2; limit++) {
      let expected = "";
      for (let i = 0; i < parts.length && expected.length + parts[i].length <= limit; i++) expected += parts[i];
      expect(clean(text, limit)).toBe(expected, limit.toString());
    }
  });

  it("knows the size of the first and the last character of each length", () => {
    const texts = ["\x7e", "\u00a0", "\u07ff", "\u0800", "\uffff", "\u{10000}", "\u{10ffff}"];
    const sizes = [1, 2, 2, 3, 3, 4, 4];
    for (let i = 0; i < texts.length; i++) {
      const text = textOfBytes(utf8Bytes(texts[i]));
      expect(clean(text, sizes[i])).toBe(text, texts[i]);
      expect(clean(text, sizes[i] - 1)).toBe("", texts[i]);
    }
  });

  it("puts no smaller character in the place of one that did not fit", () => {
    expect(clean("\xf0\x9f\x98\x80a", 3)).toBe("");
    expect(clean("\xffa", 2)).toBe("");
    expect(clean("a\xe2\x82\xacb", 3)).toBe("a");
  });

  it("is clean already when it is cleaned again", () => {
    const texts = ["a\x01\xff\xc2\x85\xe2\x82z", "\xf0\x9f\x98", "\x7f\x80"];
    for (let i = 0; i < texts.length; i++) {
      const once = clean(texts[i]);
      expect(clean(once)).toBe(once);
      expect(textOfBytes(utf8Bytes(decodeUtf8(slicePointer(bytes(once)), once.length)))).toBe(once);
    }
  });
});
