import {
  ABSENT,
  EMPTY,
  lowerCase,
  presentSlice,
  sameBytes,
  sliceEquals,
  sliceEqualsText,
  sliceIndexOf,
  sliceLength,
  sliceOf,
  sliceOfBytes,
  slicePart,
  slicePointer,
  sliceToBytes,
} from "../slice";
import { bytes, range, replaced, textAt, textOf, textOfBytes } from "./bytes";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

describe("slice", () => {
  it("holds pointer and length, also in the upper half of the memory", () => {
    const slice = sliceOf(0xfffffff0, 0xfffffff1);
    expect(slicePointer(slice)).toBe(0xfffffff0);
    expect(sliceLength(slice)).toBe(0xfffffff1);
  });

  it("tells nothing from an empty value", () => {
    expect(EMPTY).not.toBe(ABSENT);
    expect(sliceLength(EMPTY)).toBe(0);
    expect(sliceLength(ABSENT)).toBe(0);
    expect(sliceEquals(ABSENT, EMPTY)).toBe(false);
    expect(sliceEquals(EMPTY, ABSENT)).toBe(false);
    expect(sliceEquals(ABSENT, ABSENT)).toBe(true);
    expect(sliceEqualsText(EMPTY, "")).toBe(true);
    expect(sliceEqualsText(ABSENT, "")).toBe(false);
  });

  it("takes a host's empty value for empty, not for nothing", () => {
    expect(presentSlice(0, 0)).toBe(EMPTY);
    expect(presentSlice(4096, 0)).toBe(EMPTY);
    expect(presentSlice(4096, 7)).toBe(sliceOf(4096, 7));
  });

  it("equals any empty slice, wherever it points", () => {
    expect(sliceEquals(EMPTY, bytes(""))).toBe(true);
    expect(sliceEquals(bytes(""), bytes(""))).toBe(true);
  });

  it("compares every byte of every length", () => {
    for (let length = 0; length <= 26; length++) {
      const text = LETTERS.substring(0, length);
      // What stands behind differs and must not matter.
      const a = bytes(text, "x");
      expect(sliceEquals(a, bytes(text, "y"))).toBe(true, text);
      expect(sameBytes(slicePointer(a), slicePointer(bytes(text, "y")), length)).toBe(true, text);
      expect(sliceEqualsText(a, text)).toBe(true, text);
      for (let at = 0; at < length; at++) {
        const other = replaced(text, at, "\xff");
        expect(sliceEquals(a, bytes(other))).toBe(false, other);
        expect(sliceEqualsText(bytes(other), text)).toBe(false, other);
      }
    }
  });

  it("never equals its own beginning", () => {
    for (let length = 0; length < 26; length++) {
      const start = LETTERS.substring(0, length);
      expect(sliceEquals(bytes(LETTERS), bytes(start, LETTERS.substring(length)))).toBe(false, start);
      expect(sliceEqualsText(bytes(start, LETTERS.substring(length)), LETTERS)).toBe(false, start);
      expect(sliceEqualsText(bytes(LETTERS), start)).toBe(false, start);
    }
  });

  it("equals no literal beyond ASCII, by no half of a character", () => {
    expect(sliceEqualsText(bytes("\xe9"), "é")).toBe(false);
    expect(sliceEqualsText(bytes("A"), "\u0141")).toBe(false);
    expect(sliceEqualsText(bytes("A"), "\u4100")).toBe(false);
    expect(sliceEqualsText(bytes("\x7f"), "\x7f")).toBe(true);
    expect(sliceEqualsText(bytes("\0"), "\0")).toBe(true);
  });

  it("copies bytes out of the host's memory", () => {
    const slice = bytes("a\0\xff");
    const copy = sliceToBytes(slice);
    store<u8>(slicePointer(slice), 98);
    expect(textOfBytes(copy)).toBe("a\0\xff");
    expect(sliceToBytes(EMPTY).length).toBe(0);
    expect(sliceToBytes(ABSENT).length).toBe(0);
  });

  it("views an array, an empty one as an empty value", () => {
    const array: StaticArray<u8> = [1, 2, 255];
    expect(textOf(sliceOfBytes(array))).toBe("\x01\x02\xff");
    expect(sliceOfBytes(new StaticArray<u8>(0))).toBe(EMPTY);
  });

  it("cuts a part out, also an empty one", () => {
    const slice = bytes(LETTERS);
    expect(textOf(slicePart(slice, 0, 26))).toBe(LETTERS);
    expect(textOf(slicePart(slice, 3, 5))).toBe("de");
    expect(slicePart(slice, 26, 26)).toBe(EMPTY);
    expect(slicePart(slice, 0, 0)).toBe(EMPTY);
  });

  it("finds a byte, from the beginning or from a place on", () => {
    const slice = bytes("a.b.c", ".");
    expect(sliceIndexOf(slice, 46)).toBe(1);
    expect(sliceIndexOf(slice, 46, 1)).toBe(1);
    expect(sliceIndexOf(slice, 46, 2)).toBe(3);
    expect(sliceIndexOf(slice, 46, 4)).toBe(-1);
    expect(sliceIndexOf(slice, 46, 100)).toBe(-1);
    expect(sliceIndexOf(EMPTY, 46)).toBe(-1);
    expect(sliceIndexOf(ABSENT, 0)).toBe(-1);
  });

  it("makes A to Z small and leaves every other byte", () => {
    const slice = bytes(range(0, 255), "ABC");
    lowerCase(slice);
    expect(textOf(slice)).toBe(range(0, 64) + LETTERS + range(91, 255));
    expect(textAt(slicePointer(slice) + 256, 3)).toBe("ABC");
    lowerCase(EMPTY);
    lowerCase(ABSENT);
    expect(sliceLength(EMPTY)).toBe(0);
  });
});
