import { ABSENT, EMPTY } from "../slice";
import { countMembers } from "../trace-context";
import { bytes, byteText, range } from "./bytes";

const BROKEN = -1;

/** The members of `field`; what stands behind it in memory would make one more. */
function members(field: string, before: i32 = 0): i32 {
  return countMembers(bytes(field, ",z=1"), before);
}

function counts(field: string, expected: i32): void {
  expect(members(field)).toBe(expected, field);
}

function breaks(field: string): void {
  expect(members(field)).toBe(BROKEN, field);
}

/** `count` members a0=1,a1=1,… */
function list(count: i32): string {
  let text = "";
  for (let i = 0; i < count; i++) text += (i > 0 ? "," : "") + "a" + i.toString() + "=1";
  return text;
}

/** Every byte that makes a valid member where "?" stands in `pattern`, which has to be the only member. */
function accepted(pattern: string): string {
  const at = pattern.indexOf("?");
  let text = "";
  for (let byte: u32 = 0; byte < 256; byte++) {
    if (members(pattern.substring(0, at) + byteText(byte) + pattern.substring(at + 1)) == 1) text += byteText(byte);
  }
  return text;
}

describe("tracestate: list", () => {
  it("counts members", () => {
    counts("a=1", 1);
    counts("a=1,b=2", 2);
    counts("a=1,b=2,c=3", 3);
    counts("a=1,a=1", 2);
  });

  it("ignores white space around members, tabs too", () => {
    counts(" a=1 ", 1);
    counts("a=1 \t,\t b=2", 2);
    counts("\ta=1\t,\tb=2\t", 2);
    counts("foo=1 \t", 1);
  });

  it("ignores empty members", () => {
    counts("a=1,,b=2", 2);
    counts(",a=1", 1);
    counts("a=1,", 1);
    counts(" , ,a=1", 1);
    counts("a=1, \t ,", 1);
    counts("", 0);
    counts(" ", 0);
    counts(",", 0);
    counts(",,, ,", 0);
    counts(",".repeat(100) + "a=1", 1);
    expect(countMembers(EMPTY, 0)).toBe(0);
    expect(countMembers(ABSENT, 0)).toBe(0);
    expect(countMembers(EMPTY, 7)).toBe(7);
  });

  it("holds 32 members, not 33", () => {
    counts(list(32), 32);
    breaks(list(33));
    counts("," + list(32) + ",,", 32);
    breaks(list(64));
  });

  it("counts on over several fields", () => {
    expect(members(list(16), 16)).toBe(32);
    expect(members(list(20), 20)).toBe(BROKEN);
    expect(members("a=1", 31)).toBe(32);
    expect(members("a=1", 32)).toBe(BROKEN);
    expect(members("", 32)).toBe(32);
    expect(members(" , ", 32)).toBe(32);
  });

  it("is broken by one broken member, wherever it stands", () => {
    breaks("foo=,bar=3");
    breaks("@foo=1,bar=2");
    breaks("bar=2,@foo=1");
    breaks("a=1,b,c=3");
    breaks(list(31) + ",A=1");
  });

  it("may be longer than 512 characters", () => {
    let field = "";
    for (let i = 0; i < 32; i++) field += (i > 0 ? "," : "") + "k" + i.toString() + "=" + "v".repeat(128);
    counts(field, 32);
  });
});

describe("tracestate: key", () => {
  it("starts with a lower-case letter or a digit", () => {
    expect(accepted("?=1")).toBe(range(48, 57) + range(97, 122));
    // A blank, a tab or a comma leaves the member "ey=1".
    expect(accepted("?ey=1")).toBe("\t ," + range(48, 57) + range(97, 122));
    counts("0a=1", 1);
    counts("9@x=1", 1);
    breaks("@foo=1");
    breaks("_a=1");
    breaks("-a=1");
    breaks("*a=1");
    breaks("/a=1");
  });

  it("goes on with lower-case letters, digits and _-*/@", () => {
    expect(accepted("k?y=1")).toBe("*-/" + range(48, 57) + "@_" + range(97, 122));
    expect(accepted("key?=1")).toBe("*-/" + range(48, 57) + "@_" + range(97, 122));
    counts("a/b*c_d-e=1", 1);
    breaks("foo.bar=1");
    breaks("fOo=1");
    breaks("FOO=1");
    breaks("foo =1");
    breaks("foo\t=1");
    breaks("a+b=1");
    breaks("k\xe9y=1");
  });

  it("takes @ as any other character (level 2)", () => {
    counts("foo@=1", 1);
    counts("foo@@bar=1", 1);
    counts("foo@bar@baz=1", 1);
    counts("fw529a3039@dt=1", 1);
  });

  it("has 1 to 256 characters", () => {
    counts("z=1", 1);
    counts("z".repeat(256) + "=1", 1);
    breaks("z".repeat(257) + "=1");
    breaks("=1");
    breaks("=");
  });

  it("needs a value behind it", () => {
    breaks("foo");
    breaks("foo,bar=1");
    breaks("foo=");
    breaks("foo= ");
    breaks("foo=\t");
  });
});

describe("tracestate: value", () => {
  it("has any printable ASCII character but , and =", () => {
    const printable = range(0x20, 0x2b) + range(0x2d, 0x3c) + range(0x3e, 0x7e);
    expect(accepted("k=a?b")).toBe(printable);
  });

  it("does not end with a blank: white space there is not part of it", () => {
    // A single blank leaves an empty value.
    expect(accepted("k=?")).toBe(range(0x21, 0x2b) + range(0x2d, 0x3c) + range(0x3e, 0x7e));
    counts("k=1 \t ", 1);
    counts("k=" + "v".repeat(256) + " \t", 1);
  });

  it("may start with blanks, which belong to it", () => {
    counts("foo=  1", 1);
    counts("foo= 1", 1);
    counts("foo=" + " ".repeat(255) + "1", 1);
    breaks("foo=" + " ".repeat(256) + "1");
  });

  it("has no tab in it and none in front", () => {
    breaks("foo=\tb");
    breaks("foo=a\tb");
    breaks("foo= \tb");
  });

  it("has no = and no byte beyond ASCII", () => {
    breaks("foo=a=b");
    breaks("foo==");
    breaks("foo==1");
    breaks("foo=\xc3\xa9");
    breaks("foo=\x7f");
    breaks("foo=\0");
  });

  it("has 1 to 256 characters", () => {
    counts("k=" + "v".repeat(256), 1);
    breaks("k=" + "v".repeat(257));
    counts("z".repeat(256) + "=" + "v".repeat(256), 1);
  });
});
