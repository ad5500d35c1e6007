import { digestOf, sameDigest, writeSha256 } from "../sha256";
import { bytes } from "./bytes";

const OUT: usize = memory.data(64, 8);

function hexOf(text: string): string {
  writeSha256(OUT, bytes(text));
  let hex = "";
  for (let i: usize = 0; i < 32; i++) hex += (load<u8>(OUT + i) | 0x100).toString(16).slice(1);
  return hex;
}

describe("SHA-256", () => {
  it("gives the digests of FIPS 180-4's examples", () => {
    expect(hexOf("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hexOf("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hexOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    expect(hexOf("a".repeat(1000000))).toBe("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  });

  it("pads at every length around a block", () => {
    expect(hexOf("a".repeat(55))).toBe("9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    expect(hexOf("a".repeat(56))).toBe("b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    expect(hexOf("a".repeat(63))).toBe("7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
    expect(hexOf("a".repeat(64))).toBe("ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    expect(hexOf("a".repeat(65))).toBe("635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0");
  });

  it("reads digests in either case, and nothing else", () => {
    const text = "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015aD";
    writeSha256(OUT, bytes("abc"));
    expect(sameDigest(changetype<usize>(digestOf(text)!), OUT)).toBe(true);
    writeSha256(OUT, bytes("abd"));
    expect(sameDigest(changetype<usize>(digestOf(text)!), OUT)).toBe(false);
    expect(digestOf("") == null).toBe(true);
    expect(digestOf(text + "0") == null).toBe(true);
    expect(digestOf("g" + text.slice(1)) == null).toBe(true);
    expect(digestOf("/" + text.slice(1)) == null).toBe(true);
    expect(digestOf(":" + text.slice(1)) == null).toBe(true);
    expect(digestOf("@" + text.slice(1)) == null).toBe(true);
  });

  it("sees a difference in any byte", () => {
    writeSha256(OUT, bytes("abc"));
    for (let i: usize = 0; i < 32; i++) {
      memory.copy(OUT + 32, OUT, 32);
      store<u8>(OUT + 32 + i, load<u8>(OUT + 32 + i) ^ 1);
      expect(sameDigest(OUT, OUT + 32)).toBe(false, i.toString());
    }
  });
});
