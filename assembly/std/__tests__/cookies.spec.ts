import { cookieValue, queryValue } from "../cookies";
import { ABSENT } from "../slice";
import { bytes, textOf } from "./bytes";

function cookie(field: string, name: string): string {
  const value = cookieValue(bytes(field, "x=y;a=b"), bytes(name));
  return value == ABSENT ? "absent" : "'" + textOf(value) + "'";
}

function query(path: string, name: string): string {
  const value = queryValue(bytes(path, "&a=b"), bytes(name));
  return value == ABSENT ? "absent" : "'" + textOf(value) + "'";
}

describe("cookies", () => {
  it("are found by their whole name, the first one first", () => {
    expect(cookie("a=1; variant=b; c=2", "variant")).toBe("'b'");
    expect(cookie("variant=b", "variant")).toBe("'b'");
    expect(cookie("xvariant=1;variant=2;variant=3", "variant")).toBe("'2'");
    expect(cookie("variants=1; Variant=2", "variant")).toBe("absent");
    expect(cookie("a=variant=1", "variant")).toBe("absent");
  });

  it("keep what is in them, quotes and spaces around it aside", () => {
    expect(cookie("a=x=y; b=1", "a")).toBe("'x=y'");
    expect(cookie('a="x y" ; b=1', "a")).toBe("'x y'");
    expect(cookie('a="', "a")).toBe("'\"'");
    expect(cookie("a=; b=1", "a")).toBe("''");
    expect(cookie("b=1;a=", "a")).toBe("''");
    expect(cookie("  a=1", "a")).toBe("'1'");
  });

  it("are absent where there are none", () => {
    expect(cookie("", "a")).toBe("absent");
    expect(cookie(";;; ;", "a")).toBe("absent");
    expect(cookie("a", "a")).toBe("absent");
    expect(cookie("a;", "a")).toBe("absent");
    expect(cookie("=1", "a")).toBe("absent");
  });
});

describe("parameters of a query", () => {
  it("are found behind the question mark, before a fragment", () => {
    expect(query("/p?variant=b", "variant")).toBe("'b'");
    expect(query("/p?a=1&variant=b&c=2", "variant")).toBe("'b'");
    expect(query("/variant=1?a=2", "variant")).toBe("absent");
    expect(query("/p?a=1#&variant=b", "variant")).toBe("absent");
    expect(query("/p?a=%20?b", "a")).toBe("'%20?b'");
    expect(query("/p", "a")).toBe("absent");
    expect(query("/p?", "a")).toBe("absent");
    expect(query("", "a")).toBe("absent");
  });
});
