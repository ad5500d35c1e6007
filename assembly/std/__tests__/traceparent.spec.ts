import { ABSENT, EMPTY, slicePointer } from "../slice";
import {
  FLAG_RANDOM,
  FLAG_SAMPLED,
  HIGHER_VERSION,
  INVALID,
  parentIdOf,
  parseTraceparent,
  traceIdOf,
  trimmed,
  writeNewTraceparent,
  writeTraceparent,
} from "../trace-context";
import { bytes, byteText, put, replaced, textAt, textOf } from "./bytes";

const T = "12345678901234567890123456789012";
const P = "1234567890123456";
const TP = "00-" + T + "-" + P + "-01";
const SIZE = 55;
const HEX = "0123456789abcdef";

/** What becomes of a trace: "restart", or "continue" with the flags that go on, and whether the version was higher. */
function outcome(value: string, behind: string = "-01-01"): string {
  const flags = parseTraceparent(bytes(value, behind));
  if (flags == INVALID) return "restart";
  const own = flags & ~HIGHER_VERSION;
  return "continue 0" + own.toString() + (own == flags ? "" : " from a higher version");
}

function continues(value: string, flags: string): void {
  expect(outcome(value)).toBe("continue " + flags, value);
}

function continuesHigher(value: string, flags: string): void {
  expect(outcome(value)).toBe("continue " + flags + " from a higher version", value);
}

function restarts(value: string): void {
  expect(outcome(value)).toBe("restart", value);
}

/** A version-00 value with these flags. */
function withFlags(flags: string): string {
  return "00-" + T + "-" + P + "-" + flags;
}

/** A value of a higher version: `cc` and a traceparent without its version, with `rest` behind it. */
function higher(flags: string, rest: string = ""): string {
  return "cc-" + T + "-" + P + "-" + flags + rest;
}

function isDashPlace(place: i32): bool {
  return place == 2 || place == 35 || place == 52;
}

describe("traceparent: white space", () => {
  it("is cut off at both ends: blanks and tabs, nothing else", () => {
    expect(textOf(trimmed(bytes("a")))).toBe("a");
    expect(textOf(trimmed(bytes(" \t a b\t \t")))).toBe("a b");
    expect(textOf(trimmed(bytes("a\t b")))).toBe("a\t b");
    for (let byte: u32 = 0; byte < 256; byte++) {
      const isBlank = byte == 32 || byte == 9;
      expect(textOf(trimmed(bytes(byteText(byte) + "a" + byteText(byte))))).toBe(
        isBlank ? "a" : byteText(byte) + "a" + byteText(byte),
        byte.toString(),
      );
    }
  });

  it("leaves an empty value when there is nothing else", () => {
    expect(trimmed(bytes(""))).toBe(EMPTY);
    expect(trimmed(bytes(" "))).toBe(EMPTY);
    expect(trimmed(bytes(" \t\t  ", "a"))).toBe(EMPTY);
    expect(trimmed(EMPTY)).toBe(EMPTY);
    expect(trimmed(ABSENT)).toBe(EMPTY);
  });

  it("beside the value is not touched", () => {
    expect(textOf(trimmed(bytes("a", " ")))).toBe("a");
    expect(textOf(trimmed(bytes(" a", " b")))).toBe("a");
  });
});

describe("traceparent: version 00", () => {
  it("restarts without a value", () => {
    restarts("");
    expect(parseTraceparent(EMPTY)).toBe(INVALID);
    expect(parseTraceparent(ABSENT)).toBe(INVALID);
  });

  it("has 55 bytes, whatever stands behind them", () => {
    const long = TP + "-01-";
    for (let length = 0; length <= long.length; length++) {
      const value = long.substring(0, length);
      expect(outcome(value, long.substring(length))).toBe(length == SIZE ? "continue 01" : "restart", value);
    }
    restarts(TP + ".");
    restarts(TP + "-x");
    restarts(TP + " ");
    restarts(TP + "0");
    restarts(TP + "\0");
    restarts(" " + TP);
    restarts(TP.substring(0, 54) + " ");
    restarts(TP + "," + TP);
    restarts(TP + ", " + TP);
  });

  it("keeps the sampled and the random flag and drops the others", () => {
    continues(withFlags("00"), "00");
    continues(withFlags("01"), "01");
    continues(withFlags("02"), "02");
    continues(withFlags("03"), "03");
    continues(withFlags("04"), "00");
    continues(withFlags("05"), "01");
    continues(withFlags("08"), "00");
    continues(withFlags("10"), "00");
    continues(withFlags("fe"), "02");
    continues(withFlags("ff"), "03");
    continues(withFlags("a5"), "01");
  });

  it("answers flags by their names", () => {
    expect(parseTraceparent(bytes(withFlags("01")))).toBe(FLAG_SAMPLED);
    expect(parseTraceparent(bytes(withFlags("02")))).toBe(FLAG_RANDOM);
    expect(parseTraceparent(bytes(higher("ff")))).toBe(FLAG_SAMPLED | HIGHER_VERSION);
  });

  it("keeps flags of every two digits by their lowest two bits", () => {
    for (let flags = 0; flags < 256; flags++) {
      continues(withFlags(HEX.charAt(flags >> 4) + HEX.charAt(flags & 15)), "0" + (flags & 3).toString());
    }
  });

  it("restarts on flags that are no lower-case digits", () => {
    const wrong = ["FF", "0A", "A0", "0g", "g0", ".0", "0.", "0 ", " 1", "-1", "1-", "\xff\xff", "0x"];
    for (let i = 0; i < wrong.length; i++) restarts(withFlags(wrong[i]));
  });

  it("restarts on an id of zeros only", () => {
    restarts("00-" + "0".repeat(32) + "-" + P + "-01");
    restarts("00-" + T + "-" + "0".repeat(16) + "-01");
    restarts("00-" + "0".repeat(32) + "-" + "0".repeat(16) + "-00");
  });

  it("continues with an id that has one digit other than 0, wherever it stands", () => {
    for (let place = 0; place < 32; place++) {
      for (let digit = 1; digit < 16; digit++) {
        continues("00-" + replaced("0".repeat(32), place, HEX.charAt(digit)) + "-" + P + "-01", "01");
        if (place < 16) continues("00-" + T + "-" + replaced("0".repeat(16), place, HEX.charAt(digit)) + "-01", "01");
      }
    }
  });

  it("restarts on one upper-case digit, wherever it stands", () => {
    for (let place = 0; place < SIZE; place++) {
      if (isDashPlace(place)) continue;
      for (let i = 0; i < 6; i++) restarts(replaced(TP, place, "ABCDEF".charAt(i)));
    }
  });

  it("restarts on every wrong byte at every place, and on none of the right ones", () => {
    const at = slicePointer(bytes(TP, "0"));
    let wrong = "";
    for (let place = 0; place < SIZE; place++) {
      const right = isDashPlace(place) ? "-" : HEX;
      for (let byte: u32 = 0; byte < 256; byte++) {
        store<u8>(at + place, <u8>byte);
        const accepted = parseTraceparent(((<u64>SIZE) << 32) | at) != INVALID;
        if (accepted != right.includes(byteText(byte))) wrong += byte.toString() + " at " + place.toString() + "\n";
      }
      put(at, TP);
    }
    expect(wrong).toBe("");
  });

  it("restarts on other separators", () => {
    const separators = "_: .,0a+\x2c\x2e\xad";
    for (let i = 0; i < separators.length; i++) {
      const by = separators.charAt(i);
      restarts(replaced(TP, 2, by));
      restarts(replaced(TP, 35, by));
      restarts(replaced(TP, 52, by));
      restarts(replaced(replaced(replaced(TP, 2, by), 35, by), 52, by));
    }
  });
});

describe("traceparent: other versions", () => {
  it("restarts on version ff, of any length", () => {
    const ff = "ff" + TP.substring(2);
    restarts(ff);
    restarts(ff + "-");
    restarts(ff + "-00");
    restarts(ff.substring(0, 54));
  });

  it("restarts on a version that is no two lower-case digits", () => {
    const wrong = ["CC", "FF", "Fe", "fF", "0A", "A0", "0.", "0x", "g0", "  ", "0 ", "-0", "\0\0", "\xff\xff"];
    for (let i = 0; i < wrong.length; i++) {
      restarts(wrong[i] + TP.substring(2));
      restarts(wrong[i] + TP.substring(2) + "-00");
    }
  });

  it("continues with 01 to fe", () => {
    for (let version = 1; version < 255; version++) {
      continuesHigher(HEX.charAt(version >> 4) + HEX.charAt(version & 15) + TP.substring(2), "01");
    }
  });

  it("needs a dash behind its 55 bytes, or nothing", () => {
    for (let byte: u32 = 0; byte < 256; byte++) {
      const rest = byteText(byte);
      if (byte == 45) {
        continuesHigher(higher("01", rest), "01");
        continuesHigher(higher("01", rest + "rest"), "01");
      } else {
        restarts(higher("01", rest));
        restarts(higher("01", rest + "rest"));
        restarts(higher("01", rest + "-rest"));
      }
    }
    // The byte behind the value is not part of it.
    expect(outcome(higher("01"), ".")).toBe("continue 01 from a higher version");
    restarts(higher("01").substring(0, 54));
    restarts(higher("01") + "," + higher("01"));
  });

  it("does not look at what follows that dash", () => {
    continuesHigher(higher("01", "-"), "01");
    continuesHigher(higher("01", "-REST"), "01");
    continuesHigher(higher("01", "-\x80\xff\0, "), "01");
    continuesHigher(higher("01", "-" + "x".repeat(8192)), "01");
    continuesHigher(higher("00", "-01"), "00");
  });

  it("keeps the sampled flag alone", () => {
    for (let flags = 0; flags < 256; flags++) {
      continuesHigher(higher(HEX.charAt(flags >> 4) + HEX.charAt(flags & 15)), "0" + (flags & 1).toString());
    }
  });

  it("restarts on the same wrong fields as version 00", () => {
    const start = higher("01");
    for (let place = 2; place < SIZE; place++) {
      restarts(replaced(start, place, "G"));
      restarts(replaced(start, place, "A"));
      restarts(replaced(start, place, "\xb0"));
      restarts(replaced(start, place, isDashPlace(place) ? "0" : "-"));
    }
    restarts("cc-" + "0".repeat(32) + "-" + P + "-01");
    restarts("cc-" + T + "-" + "0".repeat(16) + "-01");
  });
});

describe("traceparent: writing", () => {
  it("takes the trace-id over and gives version 00, the new parent-id and the flags", () => {
    const out = slicePointer(bytes("<" + ".".repeat(SIZE) + ">"));
    const from = slicePointer(bytes(TP));
    writeTraceparent(out + 1, from, 0xfedcba9876543210, 3);
    expect(textAt(out, SIZE + 2)).toBe("<00-" + T + "-fedcba9876543210-03>");
    writeTraceparent(out + 1, from, 1, 0);
    expect(textAt(out, SIZE + 2)).toBe("<00-" + T + "-0000000000000001-00>");
    expect(textAt(from, SIZE)).toBe(TP);
  });

  it("brings a higher version down to 00, without its rest", () => {
    const value = bytes(higher("ff", "-rest"));
    const out = slicePointer(bytes("<" + ".".repeat(SIZE) + ">"));
    writeTraceparent(out + 1, slicePointer(value), 0xabcdef, parseTraceparent(value));
    expect(textAt(out, SIZE + 2)).toBe("<00-" + T + "-0000000000abcdef-01>");
  });

  it("starts a new trace", () => {
    const out = slicePointer(bytes("<" + ".".repeat(SIZE) + ">"));
    writeNewTraceparent(out + 1, 0x0123456789abcdef, 0xfedcba9876543210, 0x00f067aa0ba902b7, 3);
    expect(textAt(out, SIZE + 2)).toBe("<00-0123456789abcdeffedcba9876543210-00f067aa0ba902b7-03>");
  });

  it("writes what it reads", () => {
    const out = slicePointer(bytes(".".repeat(SIZE)));
    for (let flags: u32 = 0; flags < 4; flags++) {
      writeNewTraceparent(out, 0, 1, 0x8000000000000000, flags);
      expect(outcome(textAt(out, SIZE))).toBe("continue 0" + flags.toString());
      writeTraceparent(out, slicePointer(bytes(TP)), u64.MAX_VALUE, flags);
      expect(outcome(textAt(out, SIZE))).toBe("continue 0" + flags.toString());
    }
  });

  it("gives the ids of a value, nothing where there is none", () => {
    expect(textOf(traceIdOf(bytes(TP)))).toBe(T);
    expect(textOf(parentIdOf(bytes(TP)))).toBe(P);
    expect(traceIdOf(ABSENT)).toBe(ABSENT);
    expect(parentIdOf(ABSENT)).toBe(ABSENT);
  });
});
