import { slicePointer } from "../slice";
import { decodeAt, decodeUtf8, encodePoint, encodeUtf8, isPlainText, sliceToString, utf8Bytes, utf8Length } from "../utf8";
import { bytes, put, range, textAt, textOfBytes } from "./bytes";

const SHOWN_AS_INVALID = "\ufffd";

/** Decodes the bytes of `text`; `behind` stands next to them in memory. */
function decoded(text: string, behind: string = "\x80\x80\x80"): string {
  return sliceToString(bytes(text, behind));
}

function decodes(text: string, expected: string): void {
  expect(decoded(text)).toBe(expected, escaped(text));
}

/** The bytes as `c3 a9`, for the message of a failure. */
function escaped(text: string): string {
  let shown = "";
  for (let i = 0; i < text.length; i++) shown += text.charCodeAt(i).toString(16) + " ";
  return shown;
}

/** The length of a well-formed character that starts with `a` and `b`, by table 3-7; 0 when no character does. */
function wellFormed(a: u32, b: u32): u32 {
  if (a >= 0xc2 && a <= 0xdf) return b >= 0x80 && b <= 0xbf ? 2 : 0;
  if (a == 0xe0) return b >= 0xa0 && b <= 0xbf ? 3 : 0;
  if (a == 0xed) return b >= 0x80 && b <= 0x9f ? 3 : 0;
  if (a >= 0xe1 && a <= 0xef) return b >= 0x80 && b <= 0xbf ? 3 : 0;
  if (a == 0xf0) return b >= 0x90 && b <= 0xbf ? 4 : 0;
  if (a >= 0xf1 && a <= 0xf3) return b >= 0x80 && b <= 0xbf ? 4 : 0;
  if (a == 0xf4) return b >= 0x80 && b <= 0x8f ? 4 : 0;
  return 0;
}

function isTail(byte: u32): bool {
  return byte >= 0x80 && byte <= 0xbf;
}

describe("utf8: decoding", () => {
  it("decodes the first and the last character of each row of table 3-7", () => {
    decodes("\x00", "\0");
    decodes("\x7f", "\x7f");
    decodes("\xc2\x80", "\u0080");
    decodes("\xdf\xbf", "\u07ff");
    decodes("\xe0\xa0\x80", "\u0800");
    decodes("\xe0\xbf\xbf", "\u0fff");
    decodes("\xe1\x80\x80", "\u1000");
    decodes("\xec\xbf\xbf", "\ucfff");
    decodes("\xed\x80\x80", "\ud000");
    decodes("\xed\x9f\xbf", "\ud7ff");
    decodes("\xee\x80\x80", "\ue000");
    decodes("\xef\xbf\xbf", "\uffff");
    decodes("\xf0\x90\x80\x80", "\u{10000}");
    decodes("\xf0\xbf\xbf\xbf", "\u{3ffff}");
    decodes("\xf1\x80\x80\x80", "\u{40000}");
    decodes("\xf3\xbf\xbf\xbf", "\u{fffff}");
    decodes("\xf4\x80\x80\x80", "\u{100000}");
    decodes("\xf4\x8f\xbf\xbf", "\u{10ffff}");
  });

  it("shows what stands just outside of a row as invalid, byte by byte", () => {
    decodes("\x80", "\ufffd");
    decodes("\xbf", "\ufffd");
    decodes("\xc0\x80", "\ufffd\ufffd");
    decodes("\xc1\xbf", "\ufffd\ufffd");
    decodes("\xe0\x80\x80", "\ufffd\ufffd\ufffd");
    decodes("\xe0\x9f\xbf", "\ufffd\ufffd\ufffd");
    decodes("\xed\xa0\x80", "\ufffd\ufffd\ufffd");
    decodes("\xed\xbf\xbf", "\ufffd\ufffd\ufffd");
    decodes("\xf0\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd");
    decodes("\xf0\x8f\xbf\xbf", "\ufffd\ufffd\ufffd\ufffd");
    decodes("\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd");
    decodes("\xf5\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd");
    decodes("\xf8\x88\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd\ufffd");
    decodes("\xfe", "\ufffd");
    decodes("\xff", "\ufffd");
  });

  it("replaces maximal subparts as in the standard's examples (tables 3-8 to 3-11)", () => {
    decodes("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", SHOWN_AS_INVALID.repeat(8) + "A");
    decodes("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", SHOWN_AS_INVALID.repeat(8) + "A");
    decodes("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", SHOWN_AS_INVALID.repeat(5) + "A" + SHOWN_AS_INVALID.repeat(2) + "B");
    decodes("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", SHOWN_AS_INVALID.repeat(4) + "A");
  });

  it("does not complete a character with bytes behind the value", () => {
    decodes("\xc3", "\ufffd");
    decodes("\xe2", "\ufffd");
    decodes("\xe2\x82", "\ufffd");
    decodes("\xf0", "\ufffd");
    decodes("\xf0\x9f", "\ufffd");
    decodes("\xf0\x9f\x98", "\ufffd");
    decodes("", "");
  });

  it("goes on right behind a character that breaks off", () => {
    decodes("\xc3a", "\ufffda");
    decodes("\xe2\x82a", "\ufffda");
    decodes("\xe2\x82\xc3\xa9", "\ufffdé");
    decodes("\xf0\x9f\x98a", "\ufffda");
    decodes("\xf0\x9f\xf0\x9f\x98\x80", "\ufffd😀");
    decodes("\xf0\xf0\xf0", "\ufffd\ufffd\ufffd");
  });

  it("shows an invalid tail instead of dropping it", () => {
    decodes("admin", "admin");
    decodes("admin\xff", "admin\ufffd");
    decodes("admin\xe2", "admin\ufffd");
    decodes("admin\xc0\x80", "admin\ufffd\ufffd");
    decodes("admin\0", "admin\0");
    decodes("\xa1abc", "\ufffdabc");
    decodes("ad\xffmin", "ad\ufffdmin");
  });

  it("keeps a byte order mark and U+FFFD", () => {
    decodes("\xef\xbb\xbfa", "\ufeffa");
    decodes("\xef\xbf\xbd", "\ufffd");
  });

  it("agrees with table 3-7 on every two bytes", () => {
    const at = slicePointer(bytes("..", "\x80\x80"));
    let wrong = "";
    for (let a: u32 = 0; a < 256; a++) {
      for (let b: u32 = 0; b < 256; b++) {
        store<u8>(at, <u8>a);
        store<u8>(at + 1, <u8>b);
        const c = decodeAt(at, at + 2);
        let expected: u32 = SHOWN_AS_INVALID.charCodeAt(0) | (1 << 24);
        if (a < 0x80) expected = a | (1 << 24);
        else if (wellFormed(a, b) == 2) expected = ((a - 0xc0) * 64 + (b - 0x80)) | (2 << 24);
        // The first two of three or four bytes: one subpart of two bytes.
        else if (wellFormed(a, b) > 2) expected += 1 << 24;
        if (c != expected) wrong += a.toString(16) + " " + b.toString(16) + "\n";
      }
    }
    expect(wrong).toBe("");
  });

  it("agrees with table 3-7 on every three bytes that start with E0 to EF", () => {
    const at = slicePointer(bytes("...", "\x80"));
    let characters = 0;
    let wrong = 0;
    for (let a: u32 = 0xe0; a <= 0xef; a++) {
      for (let b: u32 = 0; b < 256; b++) {
        store<u8>(at, <u8>a);
        store<u8>(at + 1, <u8>b);
        for (let d: u32 = 0; d < 256; d++) {
          store<u8>(at + 2, <u8>d);
          let expected: u32 = 0xfffd | (1 << 24);
          if (wellFormed(a, b) == 3) {
            if (isTail(d)) {
              expected = ((a - 0xe0) * 4096 + (b - 0x80) * 64 + (d - 0x80)) | (3 << 24);
              characters++;
            } else expected = 0xfffd | (2 << 24);
          }
          if (decodeAt(at, at + 3) != expected) wrong++;
        }
      }
    }
    expect(wrong).toBe(0);
    // U+0800 to U+FFFF without 2048 surrogates.
    expect(characters).toBe(0x10000 - 0x800 - 2048);
  });

  it("agrees with table 3-7 on four bytes at the edges of their ranges", () => {
    const at = slicePointer(bytes("....", "\x80"));
    const edges: u32[] = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0, 0xe1, 0xff];
    let wrong = 0;
    for (let a: u32 = 0xf0; a <= 0xff; a++) {
      for (let b: u32 = 0; b < 256; b++) {
        for (let i = 0; i < edges.length; i++) {
          for (let j = 0; j < edges.length; j++) {
            const d = edges[i];
            const e = edges[j];
            store<u8>(at, <u8>a);
            store<u8>(at + 1, <u8>b);
            store<u8>(at + 2, <u8>d);
            store<u8>(at + 3, <u8>e);
            let expected: u32 = 0xfffd | (1 << 24);
            if (wellFormed(a, b) == 4) {
              if (!isTail(d)) expected = 0xfffd | (2 << 24);
              else if (!isTail(e)) expected = 0xfffd | (3 << 24);
              else expected = ((a - 0xf0) * 262144 + (b - 0x80) * 4096 + (d - 0x80) * 64 + (e - 0x80)) | (4 << 24);
            }
            if (decodeAt(at, at + 4) != expected) wrong++;
          }
        }
      }
    }
    expect(wrong).toBe(0);
  });

  it("never makes a value equal to a shorter valid one", () => {
    // A valid text equals a decoded value only when it is that value in UTF-8 again: this must not be shorter than the bytes were.
    const alphabet = "a\x80\x8f\x9f\xa0\xbf\xc0\xc2\xe0\xe2\xed\xef\xbd\xf0\xf4\xff";
    const n = alphabet.length;
    const at = slicePointer(bytes("....."));
    let shorter = 0;
    for (let i = 0; i < n * n * n * n; i++) {
      for (let j = 0, rest = i; j < 4; j++, rest /= n) store<u8>(at + j, <u8>alphabet.charCodeAt(rest % n));
      for (let length = 1; length <= 4; length++) if (utf8Length(decodeUtf8(at, length)) < <u32>length) shorter++;
    }
    expect(shorter).toBe(0);
  });
});

describe("utf8: encoding", () => {
  it("brings every code point there and back", () => {
    const at = slicePointer(bytes("......"));
    let wrong = 0;
    for (let point: u32 = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const size = encodePoint(point, at);
      // Shorter than that would be ill-formed, longer an overlong form.
      const expected: u32 = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (size != expected || decodeAt(at, at + size) != (point | (size << 24))) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it("writes the bytes of text", () => {
    expect(textOfBytes(utf8Bytes(""))).toBe("");
    expect(textOfBytes(utf8Bytes("a\0b"))).toBe("a\0b");
    expect(textOfBytes(utf8Bytes("é"))).toBe("\xc3\xa9");
    expect(textOfBytes(utf8Bytes("€"))).toBe("\xe2\x82\xac");
    expect(textOfBytes(utf8Bytes("😀"))).toBe("\xf0\x9f\x98\x80");
    expect(textOfBytes(utf8Bytes("\u{10ffff}"))).toBe("\xf4\x8f\xbf\xbf");
  });

  it("writes U+FFFD for a lone surrogate, wherever it stands", () => {
    const high = String.fromCharCode(0xd83d);
    const low = String.fromCharCode(0xde00);
    const shown = "\xef\xbf\xbd";
    expect(textOfBytes(utf8Bytes(high))).toBe(shown);
    expect(textOfBytes(utf8Bytes(low))).toBe(shown);
    expect(textOfBytes(utf8Bytes(high + "a"))).toBe(shown + "a");
    expect(textOfBytes(utf8Bytes(low + "a"))).toBe(shown + "a");
    expect(textOfBytes(utf8Bytes(low + high))).toBe(shown + shown);
    expect(textOfBytes(utf8Bytes(high + high + low))).toBe(shown + "\xf0\x9f\x98\x80");
    expect(textOfBytes(utf8Bytes(high + low + low))).toBe("\xf0\x9f\x98\x80" + shown);
    expect(textOfBytes(utf8Bytes(high + "\ue000"))).toBe(shown + "\xee\x80\x80");
  });

  it("knows the length beforehand and writes no byte more", () => {
    const texts = ["", "a", "é", "€", "😀", "aé€😀", "😀\ud83d", "\ude00😀", "\u07ff\u0800\uffff"];
    for (let i = 0; i < texts.length; i++) {
      const out = slicePointer(bytes("................................"));
      const size = encodeUtf8(texts[i], out);
      expect(size).toBe(utf8Length(texts[i]), texts[i]);
      expect(textAt(out + size, 1)).toBe(".", texts[i]);
      expect(utf8Bytes(texts[i]).length).toBe(size, texts[i]);
    }
  });

  it("brings text there and back", () => {
    const texts = ["", "plain", "Grüße", "日本語", "😀👩‍💻", "\0\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}"];
    for (let i = 0; i < texts.length; i++) {
      const encoded = utf8Bytes(texts[i]);
      expect(decodeUtf8(changetype<usize>(encoded), encoded.length)).toBe(texts[i]);
    }
  });
});

describe("utf8: text that is mostly ASCII", () => {
  it("takes one character among up to twelve letters for what it is alone, at every place", () => {
    const letters = "abcdefghijkl";
    const others = ["", "\0", "\x7f", "\x80", "\xff", "\u0100", "\u4100", "€", "\uff41", "😀", "\ud83d", "\ude00"];
    let wrong = "";
    for (let length = 0; length <= letters.length; length++) {
      for (let place = 0; place <= length; place++) {
        for (let i = 0; i < others.length; i++) {
          const head = letters.substring(0, place);
          const tail = letters.substring(place, length);
          const alone = textOfBytes(utf8Bytes(others[i]));
          const expected = head + alone + tail;
          const out = slicePointer(bytes(".".repeat(17)));
          const text = head + others[i] + tail;
          const size = encodeUtf8(text, out);
          const behind = ".".repeat(17 - expected.length);
          if (utf8Length(text) != size || size != expected.length || textAt(out, 17) != expected + behind)
            wrong += escaped(text) + "encoded\n";
          if (decoded(expected) != head + decoded(alone) + tail) wrong += escaped(text) + "decoded\n";
        }
      }
    }
    expect(wrong).toBe("");
  });

  it("brings every character of ASCII there and back, at each of four places", () => {
    const all = range(0, 0x7f);
    for (let from = 0; from < 4; from++) {
      const text = all.substring(from);
      expect(textOfBytes(utf8Bytes(text))).toBe(text);
      expect(decoded(text)).toBe(text);
    }
  });
});

describe("utf8: plain text", () => {
  it("accepts every printable ASCII character at every place of every length up to 20", () => {
    const good = range(0x20, 0x7e);
    const at = slicePointer(bytes("~".repeat(20), "\xff"));
    let wrong = "";
    for (let length = 0; length <= 20; length++) {
      for (let place = 0; place < length; place++) {
        for (let i = 0; i < good.length; i++) {
          store<u8>(at + place, <u8>good.charCodeAt(i));
          // Right behind the text stands what would not be plain.
          const kept = load<u8>(at + length);
          store<u8>(at + length, 0xff);
          if (!isPlainText(at, length)) wrong += good.charAt(i) + " at " + place.toString() + " of " + length.toString() + "\n";
          store<u8>(at + length, kept);
        }
        store<u8>(at + place, 0x7e);
      }
    }
    expect(wrong).toBe("");
    expect(isPlainText(at, 0)).toBe(true);
  });

  it("refuses every other byte at every place of every length up to 20", () => {
    // The neighbours must not hide it: both ends of the accepted range.
    for (let round = 0; round < 2; round++) {
      const fill = round == 0 ? " " : "~";
      const at = slicePointer(bytes(fill.repeat(20)));
      let wrong = "";
      for (let length = 1; length <= 20; length++) {
        for (let place = 0; place < length; place++) {
          for (let byte: u32 = 0; byte < 256; byte++) {
            if (byte >= 0x20 && byte <= 0x7e) continue;
            store<u8>(at + place, <u8>byte);
            if (isPlainText(at, length)) wrong += byte.toString() + " at " + place.toString() + " of " + length.toString() + "\n";
          }
          put(at + place, fill);
        }
      }
      expect(wrong).toBe("");
    }
  });
});
