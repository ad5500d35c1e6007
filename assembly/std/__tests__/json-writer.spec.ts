import { JsonParser, JsonType, JsonValue } from "../json";
import { JsonWriter } from "../json-writer";
import { ABSENT } from "../slice";
import { bytes, byteText, textOf } from "./bytes";

/** A string value as the writer has it. */
function quoted(text: string): string {
  return new JsonWriter().string(text).toString();
}

/** The same for bytes. */
function view(text: string): string {
  return textOf(new JsonWriter().stringView(bytes(text, "\xa9")).view);
}

function numeral(value: f64): string {
  return new JsonWriter().number(value).toString();
}

/** `text` read and written. */
function again(text: string): string {
  return new JsonWriter().value(new JsonParser(text).parse()).toString();
}

describe("a JSON document", () => {
  it("is one value of any kind", () => {
    expect(new JsonWriter().null().toString()).toBe("null");
    expect(new JsonWriter().boolean(true).toString()).toBe("true");
    expect(new JsonWriter().boolean(false).toString()).toBe("false");
    expect(new JsonWriter().integer(-5).toString()).toBe("-5");
    expect(new JsonWriter().string("a").toString()).toBe('"a"');
    expect(new JsonWriter().beginObject().endObject().toString()).toBe("{}");
    expect(new JsonWriter().beginArray().endArray().toString()).toBe("[]");
  });

  it("has commas between members and items, and nowhere else", () => {
    const writer = new JsonWriter().beginObject();
    writer.key("a").beginArray().integer(1).beginArray().endArray().beginObject().endObject().null().endArray();
    writer.key("b").beginObject().key("c").string("d").key("e").boolean(true).endObject();
    writer.key("f").integer(2).endObject();
    expect(writer.toString()).toBe('{"a":[1,[],{},null],"b":{"c":"d","e":true},"f":2}');
  });

  it("is text, bytes and a view", () => {
    const writer = new JsonWriter().string("é😀");
    expect(writer.toString()).toBe('"é😀"');
    expect(textOf(writer.view)).toBe('"\xc3\xa9\xf0\x9f\x98\x80"');
    const copy = writer.toBytes();
    expect(copy.length).toBe(8);
    expect(copy[1]).toBe(0xc3);
  });

  it("grows to any size and any depth", () => {
    const writer = new JsonWriter();
    for (let i = 0; i < 1000; i++) writer.beginArray();
    for (let i = 0; i < 1000; i++) writer.endArray();
    expect(writer.toString()).toBe("[".repeat(1000) + "]".repeat(1000));
    expect(quoted("x".repeat(100000)).length).toBe(100002);
  });
});

describe("a JSON string", () => {
  it("escapes quotes, backslashes and control characters (RFC 8259, section 7), and nothing else", () => {
    expect(quoted('a"b\\c/d')).toBe('"a\\"b\\\\c/d"');
    expect(quoted("\b\f\n\r\t")).toBe('"\\b\\f\\n\\r\\t"');
    expect(quoted("\0\x01\x0b\x0f\x10\x1f")).toBe('"\\u0000\\u0001\\u000b\\u000f\\u0010\\u001f"');
    for (let unit = 32; unit < 0xd800; unit += unit < 0x300 ? 1 : 61) {
      if (unit == 34 || unit == 92) continue;
      const text = String.fromCharCode(unit);
      expect(quoted(text)).toBe('"' + text + '"', unit.toString());
    }
  });

  it("reads as what was written", () => {
    for (let unit = 0; unit < 0x250; unit++) {
      const text = "a" + String.fromCharCode(unit) + "0";
      const value = new JsonParser(quoted(text)).parse();
      expect(value == null ? "no JSON" : value.text).toBe(text, unit.toString());
    }
  });

  it("has U+FFFD for a lone surrogate", () => {
    expect(quoted("\ud83d\ude00")).toBe('"\ud83d\ude00"');
    expect(quoted("a\ud83d")).toBe('"a\ufffd"');
    expect(quoted("\ude00b")).toBe('"\ufffdb"');
    expect(quoted("\ud83d\ud83d\ude00")).toBe('"\ufffd\ud83d\ude00"');
    expect(quoted("\ude00\ud83d")).toBe('"\ufffd\ufffd"');
  });

  it("from bytes is UTF-8, with U+FFFD for what is none", () => {
    expect(view('caf\xc3\xa9 "x"\n')).toBe('"caf\xc3\xa9 \\"x\\"\\n"');
    expect(view("\xf0\x9f\x98\x80")).toBe('"\xf0\x9f\x98\x80"');
    expect(view("a\xffb")).toBe('"a\xef\xbf\xbdb"');
    expect(view("a\xc3")).toBe('"a\xef\xbf\xbd"');
    // A surrogate, and an overlong quote.
    expect(view("\xed\xa0\x80")).toBe('"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"');
    expect(view("\xc0\xa2")).toBe('"\xef\xbf\xbd\xef\xbf\xbd"');
    for (let byte: u32 = 0; byte < 256; byte++) expect(new JsonParser(view(byteText(byte))).parse() != null).toBe(true, byte.toString());
  });

  it("is null when the text is absent, and empty when it is empty", () => {
    expect(new JsonWriter().string(null).toString()).toBe("null");
    expect(new JsonWriter().stringView(ABSENT).toString()).toBe("null");
    expect(quoted("")).toBe('""');
    expect(view("")).toBe('""');
  });

  it("as a key is escaped likewise", () => {
    const writer = new JsonWriter().beginObject().key('a"\n').integer(1).key("").integer(2).key("\ud83d").integer(3);
    expect(writer.endObject().toString()).toBe('{"a\\"\\n":1,"":2,"\ufffd":3}');
  });
});

describe("a JSON number", () => {
  it("is whole, with every digit", () => {
    expect(new JsonWriter().integer(0).toString()).toBe("0");
    expect(new JsonWriter().integer(i64.MAX_VALUE).toString()).toBe("9223372036854775807");
    expect(new JsonWriter().integer(i64.MIN_VALUE).toString()).toBe("-9223372036854775808");
    expect(new JsonWriter().unsigned(0).toString()).toBe("0");
    expect(new JsonWriter().unsigned(10).toString()).toBe("10");
    expect(new JsonWriter().unsigned(u64.MAX_VALUE).toString()).toBe("18446744073709551615");
  });

  it("or reads as the same number", () => {
    expect(numeral(0)).toBe("0");
    expect(numeral(-0.0)).toBe("0");
    expect(numeral(1)).toBe("1");
    expect(numeral(-1.5)).toBe("-1.5");
    expect(numeral(0.1)).toBe("0.1");
    expect(numeral(1e-7)).toBe("1e-7");
    expect(numeral(5e-324)).toBe("5e-324");
    expect(numeral(9007199254740991)).toBe("9007199254740991");
    expect(numeral(9007199254740992)).toBe("9007199254740992.0");
    expect(numeral(-123456.789)).toBe("-123456.789");
    expect(numeral(1.1658535675858502e40)).toBe("1.1658535675858502e+40");
    expect(numeral(f64.MAX_VALUE)).toBe("1.7976931348623157e+308");
    for (let value = 1e-300; value <= 1e300; value *= 1234.5678) {
      expect(new JsonParser(numeral(-value)).parse() != null).toBe(true, numeral(-value));
    }
  });

  it("is null for NaN and infinities", () => {
    expect(numeral(NaN)).toBe("null");
    expect(numeral(Infinity)).toBe("null");
    expect(numeral(-Infinity)).toBe("null");
  });
});

describe("a JsonValue", () => {
  it("is written as it was read, numbers with their spelling", () => {
    const text = '{"a":[1,2.50,-0,1e3,12345678901234567890],"b":{"c":null,"d":[true,false]},"e":"é\\n\\"","":{}}';
    expect(again(text)).toBe(text);
    expect(again(' [ 1 , { "a" : 2 } ] ')).toBe('[1,{"a":2}]');
    expect(again('"\\ud83d\\ude00\\u0041"')).toBe('"\ud83d\ude00A"');
    expect(again('"\\ud83d"')).toBe('"\ufffd"');
    expect(again("1e999")).toBe("1e999");
  });

  it("has the fields that a filter changed", () => {
    const value = new JsonParser('{"a":1.50,"b":true,"c":"x"}').parse()!;
    value.items[0].number = 2;
    value.items[1].boolean = false;
    value.items[2].text = "y";
    expect(new JsonWriter().value(value).toString()).toBe('{"a":2,"b":false,"c":"y"}');
    const own = new JsonValue(JsonType.Number);
    own.number = 0.5;
    expect(new JsonWriter().value(own).toString()).toBe("0.5");
    own.text = '0.5,"x":1';
    expect(new JsonWriter().value(own).toString()).toBe("0.5");
    own.number = NaN;
    expect(new JsonWriter().value(own).toString()).toBe("null");
  });

  it("is null when it is", () => {
    expect(again("{")).toBe("null");
  });

  it("of 64 levels fits where others began", () => {
    const deep = "[".repeat(64) + "]".repeat(64);
    expect(new JsonWriter().beginArray().value(new JsonParser(deep).parse()).endArray().toString()).toBe("[" + deep + "]");
  });

  it("within itself, or with keys that are no items, is a bug of the filter", () => {
    expect(() => {
      const value = new JsonValue(JsonType.Array);
      value.items.push(value);
      new JsonWriter().value(value);
    }).toThrow();
    expect(() => {
      const value = new JsonValue(JsonType.Object);
      value.keys.push("a");
      new JsonWriter().value(value);
    }).toThrow();
  });
});

describe("raw JSON", () => {
  it("stands as it is", () => {
    const writer = new JsonWriter().beginArray();
    expect(writer.raw('{"a": [1e2]}')).toBe(true);
    expect(writer.raw("0")).toBe(true);
    expect(writer.endArray().toString()).toBe('[{"a": [1e2]},0]');
  });

  it("is null where it is no document", () => {
    const writer = new JsonWriter().beginArray();
    expect(writer.raw("")).toBe(false);
    expect(writer.raw('1,"x"')).toBe(false);
    expect(writer.raw("]")).toBe(false);
    expect(writer.raw("[1,]")).toBe(false);
    expect(writer.raw("NaN")).toBe(false);
    expect(writer.endArray().toString()).toBe("[null,null,null,null,null]");
  });
});

describe("what makes no document", () => {
  it("throws: a value in an object without a key", () => {
    expect(() => {
      new JsonWriter().beginObject().integer(1);
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().key("a").integer(1).integer(2);
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().beginArray();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().raw("1");
    }).toThrow();
  });

  it("throws: a key where none can be", () => {
    expect(() => {
      new JsonWriter().key("a");
    }).toThrow();
    expect(() => {
      new JsonWriter().beginArray().key("a");
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().key("a").key("b");
    }).toThrow();
  });

  it("throws: an end without its beginning, or without a value", () => {
    expect(() => {
      new JsonWriter().endObject();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginArray().endObject();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().endArray();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().key("a").endObject();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginArray().endArray().endArray();
    }).toThrow();
  });

  it("throws: a second value", () => {
    expect(() => {
      new JsonWriter().integer(1).integer(2);
    }).toThrow();
    expect(() => {
      new JsonWriter().beginArray().endArray().beginArray();
    }).toThrow();
  });

  it("throws: a document that is not complete", () => {
    expect(() => {
      new JsonWriter().toString();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginArray().toBytes();
    }).toThrow();
    expect(() => {
      new JsonWriter().beginObject().key("a").view;
    }).toThrow();
  });
});
