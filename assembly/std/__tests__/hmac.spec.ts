import { writeHex } from "../hex-bytes";
import { timingSafeEqual, writeHmacSha256 } from "../hmac";
import { ABSENT, EMPTY, sliceOf } from "../slice";
import { bytes, textAt } from "./bytes";

const OUT: usize = memory.data(32, 8);
const DIGITS: usize = memory.data(64, 8);

function hmac(key: string, message: string): string {
  writeHmacSha256(OUT, bytes(key, "k"), bytes(message, "m"));
  writeHex(DIGITS, sliceOf(OUT, 32));
  return textAt(DIGITS, 64);
}

/** The characters from U+0001 on. */
function counted(count: u32): string {
  let text = "";
  for (let byte: u32 = 1; byte <= count; byte++) text += String.fromCharCode(byte);
  return text;
}

describe("HMAC-SHA-256", () => {
  it("gives the codes of RFC 4231, section 4", () => {
    expect(hmac("\x0b".repeat(20), "Hi There")).toBe("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    expect(hmac("Jefe", "what do ya want for nothing?")).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    expect(hmac("\xaa".repeat(20), "\xdd".repeat(50))).toBe("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    expect(hmac(counted(25), "\xcd".repeat(50))).toBe("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    expect(hmac("\x0c".repeat(20), "Test With Truncation").substring(0, 32)).toBe("a3b6167473100ee06e0c796c2955552b");
  });

  it("takes the digest of a key that is longer than a block (RFC 4231, cases 6 and 7)", () => {
    const key = "\xaa".repeat(131);
    expect(hmac(key, "Test Using Larger Than Block-Size Key - Hash Key First")).toBe(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    );
    const long =
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.";
    expect(hmac(key, long)).toBe("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
  });

  it("leaves nothing of a key to the next one", () => {
    const before = hmac("a", "message");
    hmac("\xff".repeat(64), "another");
    expect(hmac("a", "message")).toBe(before);
  });

  it("takes empty keys and messages", () => {
    expect(hmac("", "")).toBe("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  });
});

describe("the comparison", () => {
  it("sees a difference in any byte and in length", () => {
    expect(timingSafeEqual(bytes("secret", "x"), bytes("secret", "y"))).toBe(true);
    expect(timingSafeEqual(EMPTY, bytes(""))).toBe(true);
    expect(timingSafeEqual(bytes("secret"), bytes("secre"))).toBe(false);
    for (let i = 0; i < 32; i++) {
      const other = "a".repeat(i) + "b" + "a".repeat(31 - i);
      expect(timingSafeEqual(bytes("a".repeat(32)), bytes(other))).toBe(false, other);
    }
  });

  it("takes nothing absent for equal", () => {
    expect(timingSafeEqual(ABSENT, ABSENT)).toBe(false);
    expect(timingSafeEqual(ABSENT, EMPTY)).toBe(false);
    expect(timingSafeEqual(EMPTY, ABSENT)).toBe(false);
  });
});
