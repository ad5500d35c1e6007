import { ABSENT, EMPTY, Slice } from "../slice";
import { encodedParameter, urlPath, urlQuery } from "../url";
import { bytes, textOf } from "./bytes";

function shown(value: Slice): string {
  return value == ABSENT ? "absent" : "'" + textOf(value) + "'";
}

function path(target: string): string {
  return shown(urlPath(bytes(target, "?x")));
}

function query(target: string): string {
  return shown(urlQuery(bytes(target, "?x#")));
}

function parameter(text: string, name: string): string {
  return shown(encodedParameter(bytes(text, "&a=behind"), bytes(name)));
}

describe("a path with a query", () => {
  it("has its path before the query and the fragment", () => {
    expect(path("/")).toBe("'/'");
    expect(path("/a/b")).toBe("'/a/b'");
    expect(path("/a?b=/c")).toBe("'/a'");
    expect(path("/a#b?c")).toBe("'/a'");
    expect(path("?a")).toBe("''");
    expect(path("/%3F?a")).toBe("'/%3F'");
    expect(path("*")).toBe("'*'");
    expect(path("")).toBe("''");
    expect(shown(urlPath(ABSENT))).toBe("absent");
  });

  it("has its query behind the first question mark, before a fragment", () => {
    expect(query("/a?b=c")).toBe("'b=c'");
    expect(query("/a?b?c")).toBe("'b?c'");
    expect(query("/a?b#c?d")).toBe("'b'");
    expect(query("/a?")).toBe("''");
    expect(query("/a?#")).toBe("''");
    expect(query("/a#?b")).toBe("absent");
    expect(query("/a")).toBe("absent");
    expect(query("")).toBe("absent");
    expect(shown(urlQuery(ABSENT))).toBe("absent");
  });
});

describe("a parameter of a query", () => {
  it("is found by its whole name, the first one first", () => {
    expect(parameter("a=1", "a")).toBe("'1'");
    expect(parameter("b=1&a=2&a=3", "a")).toBe("'2'");
    expect(parameter("aa=1&A=2", "a")).toBe("absent");
    expect(parameter("b=a&c=a=1", "a")).toBe("absent");
    expect(parameter("a=b=c", "a")).toBe("'b=c'");
    expect(parameter("", "a")).toBe("absent");
  });

  it("has a name that may be encoded, and its value as it stands there", () => {
    expect(parameter("%61=%31+2", "a")).toBe("'%31+2'");
    expect(parameter("user+id=1", "user id")).toBe("'1'");
    expect(parameter("user%2Bid=1", "user+id")).toBe("'1'");
    expect(parameter("%=1", "%")).toBe("'1'");
    expect(parameter("%26=1", "&")).toBe("'1'");
  });

  it("has an empty value without =, and may have an empty name", () => {
    expect(parameter("a", "a")).toBe("''");
    expect(parameter("b&a&c", "a")).toBe("''");
    expect(parameter("a=", "a")).toBe("''");
    expect(parameter("=1", "")).toBe("'1'");
    expect(parameter("&&a=1&", "a")).toBe("'1'");
    expect(parameter("&&a=1&", "")).toBe("absent");
  });

  it("is absent in a query that is", () => {
    expect(shown(encodedParameter(ABSENT, bytes("a")))).toBe("absent");
    expect(shown(encodedParameter(EMPTY, bytes("")))).toBe("absent");
    expect(shown(encodedParameter(bytes("=1"), ABSENT))).toBe("absent");
  });
});
