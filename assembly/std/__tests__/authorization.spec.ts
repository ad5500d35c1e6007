import { BasicCredentials, bearerToken, credentialsOf } from "../authorization";
import { ABSENT, Slice } from "../slice";
import { bytes, byteText, textOf } from "./bytes";

function shown(value: Slice): string {
  return value == ABSENT ? "absent" : "'" + textOf(value) + "'";
}

function token(field: string): string {
  return shown(bearerToken(bytes(field, "behind")));
}

function pair(text: string): string {
  const found = BasicCredentials.of(bytes(text, ":behind"));
  return found == null ? "null" : textOf(found.user) + "|" + textOf(found.password);
}

describe("an authorization field", () => {
  it("has credentials behind its scheme, in any case, and blanks", () => {
    expect(shown(credentialsOf(bytes("Basic dGVzdDoxMjPCow=="), "basic"))).toBe("'dGVzdDoxMjPCow=='");
    expect(shown(credentialsOf(bytes("bAsIc   a "), "basic"))).toBe("'a'");
    expect(shown(credentialsOf(bytes("Basic"), "basic"))).toBe("absent");
    expect(shown(credentialsOf(bytes("Basic ", "a"), "basic"))).toBe("absent");
    expect(shown(credentialsOf(bytes("Basic  ", "a"), "basic"))).toBe("absent");
    expect(shown(credentialsOf(bytes("Basic\ta"), "basic"))).toBe("absent");
    expect(shown(credentialsOf(bytes("Basics a"), "basic"))).toBe("absent");
    expect(shown(credentialsOf(bytes("Bas"), "basic"))).toBe("absent");
    expect(shown(credentialsOf(bytes(""), "basic"))).toBe("absent");
    expect(shown(credentialsOf(ABSENT, "basic"))).toBe("absent");
  });

  it("has a bearer's token of visible ASCII", () => {
    expect(token("Bearer mF_9.B5f-4.1JqM")).toBe("'mF_9.B5f-4.1JqM'");
    expect(token("BEARER a")).toBe("'a'");
    expect(token("Bearer")).toBe("absent");
    expect(token("Bearer ")).toBe("absent");
    expect(token("Bearera")).toBe("absent");
    expect(token("Basic a")).toBe("absent");
    expect(token("")).toBe("absent");
    expect(shown(bearerToken(ABSENT))).toBe("absent");
    for (let byte: u32 = 0; byte < 256; byte++) {
      const visible = byte > 32 && byte < 127;
      expect(token("Bearer a" + byteText(byte) + "b")).toBe(visible ? "'a" + byteText(byte) + "b'" : "absent", byte.toString());
    }
  });

  it("has another scheme where any bit but that of the case differs", () => {
    expect(token('"earer a')).toBe("absent");
    expect(token("\x02earer a")).toBe("absent");
    expect(token("\xe2earer a")).toBe("absent");
  });
});

describe("basic credentials", () => {
  it("are the vectors of RFC 7617, section 2 and 2.1, decoded", () => {
    expect(pair("Aladdin:open sesame")).toBe("Aladdin|open sesame");
    expect(pair("test:123\xc2\xa3")).toBe("test|123\xc2\xa3");
  });

  it("end the user-id at the first colon", () => {
    expect(pair("a:b:c")).toBe("a|b:c");
    expect(pair(":")).toBe("|");
    expect(pair("a:")).toBe("a|");
    expect(pair(":b")).toBe("|b");
  });

  it("are none without a colon, nor with control characters", () => {
    expect(pair("")).toBe("null");
    expect(pair("a")).toBe("null");
    expect(pair("a\n:b")).toBe("null");
    expect(pair("a:b\0")).toBe("null");
    expect(pair("a:\x7f")).toBe("null");
    expect(BasicCredentials.of(ABSENT) == null).toBe(true);
  });
});
