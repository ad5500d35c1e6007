import {
  BaggageMembers,
  baggageKey,
  isBaggageMember,
  isBaggageOctet,
  isCleanBaggage,
  isTokenByte,
  MAX_BAGGAGE_MEMBERS,
  MAX_BAGGAGE_SIZE,
  percentEncoded,
} from "../baggage";
import { ABSENT, EMPTY } from "../slice";
import { utf8Bytes } from "../utf8";
import { bytes, byteText, range, textOf, textOfBytes } from "./bytes";

const DIGITS = range(48, 57);
const CAPITALS = range(65, 90);
const LETTERS = range(97, 122);
/** The characters of a key, in the order of their codes. */
const TOKEN = "!#$%&'*+-." + DIGITS + CAPITALS + "^_`" + LETTERS + "|~";
/** The characters of a value: printable, but no blank and none of " , ; \ */
const OCTETS = "!" + range(0x23, 0x2b) + range(0x2d, 0x3a) + range(0x3c, 0x5b) + range(0x5d, 0x7e);

function valid(member: string): void {
  expect(isBaggageMember(bytes(member, ";k=v"))).toBe(true, member);
}

function broken(member: string): void {
  expect(isBaggageMember(bytes(member, "=1"))).toBe(false, member);
}

/** The members of a field, each between brackets. */
function members(field: string): string {
  const all = new BaggageMembers(bytes(field, "z=1,y=2"));
  let text = "";
  for (let member = all.next(); member != ABSENT; member = all.next()) text += "[" + textOf(member) + "]";
  return text;
}

function clean(field: string): void {
  expect(isCleanBaggage(bytes(field, ",z=1"))).toBe(true, field.substring(0, 200));
}

function unclean(field: string): void {
  expect(isCleanBaggage(bytes(field, "=1"))).toBe(false, field.substring(0, 200));
}

/** Every byte that makes a valid member where "?" stands in `pattern`. */
function accepted(pattern: string): string {
  const at = pattern.indexOf("?");
  let text = "";
  for (let byte: u32 = 0; byte < 256; byte++) {
    if (isBaggageMember(bytes(pattern.substring(0, at) + byteText(byte) + pattern.substring(at + 1)))) text += byteText(byte);
  }
  return text;
}

/** `count` members a0=1,a1=1,… */
function list(count: i32): string {
  let text = "";
  for (let i = 0; i < count; i++) text += (i > 0 ? "," : "") + "a" + i.toString() + "=1";
  return text;
}

function encoded(text: string): string {
  return textOfBytes(percentEncoded(utf8Bytes(text)));
}

describe("baggage: characters", () => {
  it("of a key are those of a token, of a value the octets of the standard", () => {
    let token = "";
    let octets = "";
    for (let byte: u32 = 0; byte < 256; byte++) {
      if (isTokenByte(byte)) token += byteText(byte);
      if (isBaggageOctet(byte)) octets += byteText(byte);
    }
    expect(token).toBe(TOKEN);
    expect(octets).toBe(OCTETS);
  });
});

describe("baggage: member", () => {
  it("is a key and a value", () => {
    valid("k=v");
    valid("K=V");
    valid("user.id=alice");
    valid("!#$%&'*+-.^_`|~09azAZ=v");
    valid("k=" + OCTETS);
    valid("k=%20%zz%");
  });

  it("may have an empty value, and = in it", () => {
    valid("k=");
    valid("k= ");
    valid("k=;p");
    valid("k==");
    valid("k=a=b=c");
    valid("k= =");
  });

  it("has a token for a key", () => {
    expect(accepted("?=v")).toBe(TOKEN);
    // A second "=" belongs to the value; white space ends the key.
    expect(accepted("k?=v")).toBe("\t !#$%&'*+-." + DIGITS + "=" + CAPITALS + "^_`" + LETTERS + "|~");
    expect(accepted("k?y=v")).toBe("!#$%&'*+-." + DIGITS + "=" + CAPITALS + "^_`" + LETTERS + "|~");
    broken("");
    broken("=");
    broken("=v");
    broken(";p");
    broken("k\xc3\xa9=v");
  });

  it("has nothing but the octets in its value", () => {
    // ";" starts a property here.
    expect(accepted("k=a?b")).toBe("!" + range(0x23, 0x2b) + range(0x2d, 0x5b) + range(0x5d, 0x7e));
    broken('k="v"');
    broken("k=a b");
    broken("k=a\tb");
    broken("k=a,b");
    broken("k=a\\b");
    broken("k=\xc3\xa9");
    broken("k=\x7f");
    broken("k=\0");
  });

  it("needs a =", () => {
    broken("k");
    broken("k;p=1");
    broken("k v");
    broken("k ;");
  });

  it("may have white space around = and ;", () => {
    valid("k = v");
    valid("k\t=\tv");
    valid("k \t = \t v");
    valid("k=v ; p");
    valid("k=v\t;\tp = 1 ; q");
    valid("k = ; p");
    broken("k k=v");
    broken("k = v w");
    broken("k\n=v");
    broken("k=\rv");
  });

  it("may have properties: a key, or a key and a value", () => {
    valid("k=v;p");
    valid("k=v;p=");
    valid("k=v;p=1;q;r=2");
    valid("k=v;p=a=b");
    valid("k=v;p;p");
    expect(accepted("k=v;?")).toBe(TOKEN);
    // "=" starts the value of the property, ";" the next one.
    expect(accepted("k=v;p?q")).toBe("!#$%&'*+-." + DIGITS + ";=" + CAPITALS + "^_`" + LETTERS + "|~");
    expect(accepted("k=v;p=a?b")).toBe("!" + range(0x23, 0x2b) + range(0x2d, 0x5b) + range(0x5d, 0x7e));
  });

  it("is broken by one broken property", () => {
    broken("k=v;");
    broken("k=v;;p");
    broken("k=v; ;p");
    broken("k=v;p;");
    broken("k=v;=1");
    broken("k=v;p q");
    broken("k=v;p=a b");
    broken('k=v;p="1"');
    broken("k=v;\xff");
    broken("k=v;p=\x80");
    broken("k=v;p,q");
  });

  it("ends where the slice ends", () => {
    expect(isBaggageMember(bytes("k", "=v"))).toBe(false);
    expect(isBaggageMember(bytes("k=v", "\xff"))).toBe(true);
    expect(isBaggageMember(bytes("k=v;p", '"'))).toBe(true);
    expect(isBaggageMember(bytes("k=v;", "p"))).toBe(false);
    expect(isBaggageMember(EMPTY)).toBe(false);
    expect(isBaggageMember(ABSENT)).toBe(false);
  });

  it("has a key that ends at =, or at the white space before it", () => {
    expect(textOf(baggageKey(bytes("user.id=alice;p=1")))).toBe("user.id");
    expect(textOf(baggageKey(bytes("k = v")))).toBe("k");
    expect(textOf(baggageKey(bytes("k\t=")))).toBe("k");
    expect(textOf(baggageKey(bytes("K==")))).toBe("K");
  });
});

describe("baggage: field", () => {
  it("gives its members in order, byte by byte, without the white space around them", () => {
    expect(members("a=1")).toBe("[a=1]");
    expect(members("a=1,b=2")).toBe("[a=1][b=2]");
    expect(members(" a = 1 ; p \t,\t b=%zz,a=1")).toBe("[a = 1 ; p][b=%zz][a=1]");
  });

  it("gives broken members as they are, never a part of one", () => {
    expect(members('a,b="x,y",c=3')).toBe('[a][b="x][y"][c=3]');
    expect(members("a=\xff\0,b=2")).toBe("[a=\xff\0][b=2]");
  });

  it("leaves empty members out", () => {
    expect(members("")).toBe("");
    expect(members(" \t")).toBe("");
    expect(members(",")).toBe("");
    expect(members(" , ,\t, ")).toBe("");
    expect(members(",a=1,,b=2, ,")).toBe("[a=1][b=2]");
  });

  it("has no member when it is not there", () => {
    expect(new BaggageMembers(EMPTY).next()).toBe(ABSENT);
    expect(new BaggageMembers(ABSENT).next()).toBe(ABSENT);
  });

  it("stays at its end", () => {
    const all = new BaggageMembers(bytes("a=1", ",b=2"));
    expect(textOf(all.next())).toBe("a=1");
    expect(all.next()).toBe(ABSENT);
    expect(all.next()).toBe(ABSENT);
  });
});

describe("baggage: clean field", () => {
  it("has valid members only", () => {
    clean("a=1");
    clean("a=1,b=2;p,c=");
    clean(" a = 1 ; p \t,\t b=2 ");
    clean("a=1,a=1");
    unclean("a");
    unclean("a=1,b");
    unclean("a,b=1");
    unclean("a=1,b= c d,e=1");
    unclean('a="1"');
    unclean("a=1;");
    unclean("a=1,b=\xff");
  });

  it("has no empty member and is not empty", () => {
    unclean("");
    unclean(" ");
    unclean(",");
    unclean("a=1,");
    unclean(",a=1");
    unclean("a=1,,b=2");
    unclean("a=1, ,b=2");
    expect(isCleanBaggage(EMPTY)).toBe(false);
    expect(isCleanBaggage(ABSENT)).toBe(false);
  });

  it("has at most 8192 bytes, of one member or of many", () => {
    expect(MAX_BAGGAGE_SIZE).toBe(8192);
    clean("k=" + "v".repeat(8190));
    unclean("k=" + "v".repeat(8191));
    const many = list(100);
    clean(many + ",k=" + "v".repeat(8192 - many.length - 3));
    unclean(many + ",k=" + "v".repeat(8192 - many.length - 2));
    unclean("k=" + "v".repeat(8190) + " ");
  });

  it("has at most 180 members", () => {
    expect(MAX_BAGGAGE_MEMBERS).toBe(180);
    clean(list(64));
    clean(list(180));
    unclean(list(181));
  });
});

describe("baggage: percent-encoding", () => {
  it("keeps the octets of a value but %, and writes every other byte with capital digits", () => {
    const kept = OCTETS.replace("%", "");
    const digits = DIGITS + "ABCDEF";
    for (let byte: u32 = 0; byte < 256; byte++) {
      const text = byteText(byte);
      const value = new StaticArray<u8>(1);
      value[0] = <u8>byte;
      const expected = kept.includes(text) ? text : "%" + digits.charAt(byte >> 4) + digits.charAt(byte & 15);
      expect(textOfBytes(percentEncoded(value))).toBe(expected, byte.toString());
    }
  });

  it("encodes text as UTF-8", () => {
    expect(encoded("")).toBe("");
    expect(encoded("alice")).toBe("alice");
    expect(encoded('a b,c;d"e\\f%g=h')).toBe("a%20b%2Cc%3Bd%22e%5Cf%25g=h");
    expect(encoded("é😀")).toBe("%C3%A9%F0%9F%98%80");
    expect(encoded("\r\n")).toBe("%0D%0A");
    expect(encoded("\u{10ffff}".repeat(100)).length).toBe(1200);
  });

  it("encodes what is encoded once more, so that nothing is taken for something else", () => {
    expect(encoded("%20")).toBe("%2520");
    expect(encoded(encoded(" "))).toBe("%2520");
  });

  it("makes a value of anything", () => {
    const everything = new StaticArray<u8>(256);
    for (let i = 0; i < 256; i++) everything[i] = <u8>i;
    valid("k=" + textOfBytes(percentEncoded(everything)));
  });
});
