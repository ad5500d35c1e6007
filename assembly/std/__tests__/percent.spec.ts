import {
  isPlainQuery,
  queryPartEquals,
  readPercentEncoded,
  readQueryPart,
  UNRESERVED_HIGH,
  UNRESERVED_LOW,
  writePercentEncoded,
} from "../percent";
import { bytes, byteText, textAt } from "./bytes";

function encoded(text: string): string {
  const out = heap.alloc(text.length * 3 + 1);
  return textAt(out, writePercentEncoded(out, bytes(text, "\xff"), UNRESERVED_LOW, UNRESERVED_HIGH));
}

function decoded(text: string): string {
  const out = heap.alloc(text.length + 1);
  const size = readPercentEncoded(out, bytes(text, "00"));
  return size < 0 ? "malformed" : "'" + textAt(out, size) + "'";
}

function query(text: string): string {
  const out = heap.alloc(text.length + 1);
  const value = textAt(out, readQueryPart(out, bytes(text, "00")));
  expect(queryPartEquals(bytes(text, "00"), bytes(value, "x"))).toBe(true, text);
  expect(queryPartEquals(bytes(text, "00"), bytes(value + "x"))).toBe(false, text);
  if (value.length > 0) expect(queryPartEquals(bytes(text, "00"), bytes(value.substring(1)))).toBe(false, text);
  return value;
}

describe("percent-encoding", () => {
  it("keeps the unreserved characters of RFC 3986, section 2.3, and writes every other byte with capital digits", () => {
    const digits = "0123456789ABCDEF";
    for (let byte: u32 = 0; byte < 256; byte++) {
      const text = byteText(byte);
      const kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".includes(text);
      expect(encoded(text)).toBe(kept ? text : "%" + digits.charAt(byte >> 4) + digits.charAt(byte & 15), byte.toString());
      expect(decoded(encoded(text))).toBe("'" + text + "'", byte.toString());
    }
    expect(encoded("")).toBe("");
    expect(encoded("a b/c?d=e&f%20")).toBe("a%20b%2Fc%3Fd%3De%26f%2520");
  });

  it("is read with digits in either case; + is a plus", () => {
    expect(decoded("%C3%a9")).toBe("'\xc3\xa9'");
    expect(decoded("a+b")).toBe("'a+b'");
    expect(decoded("%2525")).toBe("'%25'");
    expect(decoded("%00")).toBe("'\0'");
    expect(decoded("")).toBe("''");
  });

  it("is malformed where a % has no two digits behind it", () => {
    expect(decoded("%")).toBe("malformed");
    expect(decoded("%2")).toBe("malformed");
    expect(decoded("a%2")).toBe("malformed");
    expect(decoded("%g0")).toBe("malformed");
    expect(decoded("%0g")).toBe("malformed");
    expect(decoded("%%20")).toBe("malformed");
    expect(decoded("%-1")).toBe("malformed");
    expect(decoded("%20%")).toBe("malformed");
  });
});

describe("a part of a query", () => {
  it("has + for a space, and %2B for a plus", () => {
    expect(query("a+b%20c%2Bd")).toBe("a b c+d");
    expect(query("%C3%A9")).toBe("\xc3\xa9");
    expect(query("")).toBe("");
  });

  it("keeps a % that has no two digits behind it, as the URL Standard says", () => {
    expect(query("%")).toBe("%");
    expect(query("100%")).toBe("100%");
    expect(query("%2")).toBe("%2");
    expect(query("%zz%41")).toBe("%zzA");
    expect(query("%%41")).toBe("%A");
    expect(query("%4%31")).toBe("%41");
  });

  it("stands for itself without % and +", () => {
    expect(isPlainQuery(bytes("a=b/c?d", "+"))).toBe(true);
    expect(isPlainQuery(bytes("", "%"))).toBe(true);
    expect(isPlainQuery(bytes("a+"))).toBe(false);
    expect(isPlainQuery(bytes("%"))).toBe(false);
  });
});
