import { JsonParser, JsonType, JsonValue } from "../json";

/** A document in canonical form: no white space, the text of a string between quotes as it is. */
function canonical(value: JsonValue): string {
  if (value.type == JsonType.Null) return "null";
  if (value.type == JsonType.Boolean) return value.boolean ? "true" : "false";
  if (value.type == JsonType.Number) return value.text;
  if (value.type == JsonType.String) return '"' + value.text + '"';
  const isObject = value.type == JsonType.Object;
  let text = isObject ? "{" : "[";
  for (let i = 0; i < value.items.length; i++) {
    if (i > 0) text += ",";
    if (isObject) text += '"' + value.keys[i] + '":';
    text += canonical(value.items[i]);
  }
  return text + (isObject ? "}" : "]");
}

/** `text` is a document, in canonical form `expected`. */
function reads(text: string, expected: string): void {
  const parser = new JsonParser(text);
  const value = parser.parse();
  expect(value == null ? parser.error : canonical(value)).toBe(expected, text);
  expect(parser.error).toBe("", text);
}

/** `text` is a document and its own canonical form. */
function accepts(text: string): void {
  reads(text, text);
}

/** `text` is no document, with `error`. */
function refuses(text: string, error: string): void {
  const parser = new JsonParser(text);
  const value = parser.parse();
  expect(value == null).toBe(true, text);
  expect(parser.error).toBe(error, text);
}

/** `text` is a document, the number `expected`. */
function numbers(text: string, expected: f64): void {
  const value = new JsonParser(text).parse();
  expect(value != null && value.type == JsonType.Number).toBe(true, text);
  if (value != null) expect(value.number).toBe(expected, text);
}

describe("json: values", () => {
  it("reads each kind of value as a document", () => {
    accepts("null");
    accepts("true");
    accepts("false");
    accepts("0");
    accepts('""');
    accepts('"a"');
    accepts("[]");
    accepts("{}");
  });

  it("reads arrays and objects within each other, in order", () => {
    accepts("[1,[],[2,[3]],{},null]");
    accepts('{"b":1,"a":{"c":[{}]},"":""}');
  });

  it("reads white space between any two tokens: space, tab, line feed, carriage return", () => {
    reads(' \t\r\n{ \n"a"\t:\r1 , "b" : [ 1 ,\n2 ] , "c" : [ ] , "d" : { } }\n ', '{"a":1,"b":[1,2],"c":[],"d":{}}');
  });

  it("takes no other white space", () => {
    refuses("\u000b1", "line 1, column 1: expected a value, found U+000B");
    refuses("\u000c1", "line 1, column 1: expected a value, found U+000C");
    refuses("1\u00a0", "line 1, column 2: expected the end of the document, found '\u00a0'");
    refuses("\ufeff{}", "line 1, column 1: expected a value, found '\ufeff'");
    refuses("[1,\u20282]", "line 1, column 4: expected a value, found '\u2028'");
  });

  it("refuses an empty document and a second one", () => {
    refuses("", "line 1, column 1: expected a value, found the end");
    refuses(" \n ", "line 2, column 2: expected a value, found the end");
    refuses("1 2", "line 1, column 3: expected the end of the document, found '2'");
    refuses("{}{}", "line 1, column 3: expected the end of the document, found '{'");
    refuses("[]]", "line 1, column 3: expected the end of the document, found ']'");
    refuses("1,", "line 1, column 2: expected the end of the document, found ','");
    refuses("{} // no", "line 1, column 4: expected the end of the document, found '/'");
    refuses("{}\0", "line 1, column 3: expected the end of the document, found U+0000");
  });

  it("takes words in lower case and whole", () => {
    refuses("True", "line 1, column 1: expected a value, found 'T'");
    refuses("NULL", "line 1, column 1: expected a value, found 'N'");
    refuses("tru", "line 1, column 1: expected a value, found 't'");
    refuses("nul]", "line 1, column 1: expected a value, found 'n'");
    refuses("truely", "line 1, column 5: expected the end of the document, found 'l'");
    refuses("[nullnull]", "line 1, column 6: expected ',' or ']', found 'n'");
    refuses("undefined", "line 1, column 1: expected a value, found 'u'");
    refuses("NaN", "line 1, column 1: expected a value, found 'N'");
    refuses("Infinity", "line 1, column 1: expected a value, found 'I'");
  });

  it("gives every value its own type", () => {
    const value = new JsonParser('[null,true,0,"",[],{}]').parse()!;
    for (let type = 0; type < 6; type++) expect(value.items[type].type).toBe(type);
  });

  it("finds a member of an object, and none in anything else", () => {
    const value = new JsonParser('{"a":1,"b":null}').parse()!;
    expect(value.member("a")!.number).toBe(1);
    expect(value.member("b")!.type).toBe(JsonType.Null);
    expect(value.member("c") == null).toBe(true);
    expect(value.member("") == null).toBe(true);
    expect(new JsonParser("[1]").parse()!.member("a") == null).toBe(true);
    expect(new JsonParser('"a"').parse()!.member("a") == null).toBe(true);
  });
});

describe("json: arrays and objects", () => {
  it("refuses an array that is not well-formed", () => {
    refuses("[", "line 1, column 2: expected a value, found the end");
    refuses("[1", "line 1, column 3: expected ',' or ']', found the end");
    refuses("[1,", "line 1, column 4: expected a value, found the end");
    refuses("[1,]", "line 1, column 4: expected a value, found ']'");
    refuses("[,1]", "line 1, column 2: expected a value, found ','");
    refuses("[1,,2]", "line 1, column 4: expected a value, found ','");
    refuses("[1 2]", "line 1, column 4: expected ',' or ']', found '2'");
    refuses("[1:2]", "line 1, column 3: expected ',' or ']', found ':'");
    refuses("[1}", "line 1, column 3: expected ',' or ']', found '}'");
    refuses("]", "line 1, column 1: expected a value, found ']'");
    refuses("[[1]", "line 1, column 5: expected ',' or ']', found the end");
    refuses("(1)", "line 1, column 1: expected a value, found '('");
  });

  it("refuses an object that is not well-formed", () => {
    refuses("{", "line 1, column 2: expected a key, found the end");
    refuses("{a:1}", "line 1, column 2: expected a key, found 'a'");
    refuses("{'a':1}", "line 1, column 2: expected a key, found '''");
    refuses("{1:1}", "line 1, column 2: expected a key, found '1'");
    refuses("{null:1}", "line 1, column 2: expected a key, found 'n'");
    refuses('{"a"', "line 1, column 5: expected ':', found the end");
    refuses('{"a"}', "line 1, column 5: expected ':', found '}'");
    refuses('{"a" 1}', "line 1, column 6: expected ':', found '1'");
    refuses('{"a":', "line 1, column 6: expected a value, found the end");
    refuses('{"a":}', "line 1, column 6: expected a value, found '}'");
    refuses('{"a"::1}', "line 1, column 6: expected a value, found ':'");
    refuses('{"a":1', "line 1, column 7: expected ',' or '}', found the end");
    refuses('{"a":1,', "line 1, column 8: expected a key, found the end");
    refuses('{"a":1,}', "line 1, column 8: expected a key, found '}'");
    refuses('{,"a":1}', "line 1, column 2: expected a key, found ','");
    refuses('{"a":1 "b":2}', "line 1, column 8: expected ',' or '}', found '\"'");
    refuses('{"a":1]', "line 1, column 7: expected ',' or '}', found ']'");
    refuses('{"a":1,,"b":2}', "line 1, column 8: expected a key, found ','");
    refuses('{"a', "line 1, column 4: expected '\"', found the end");
  });

  it("refuses a key that is there twice among many at the object's beginning", () => {
    let many = "";
    for (let i = 0; i < 100; i++) many += '"k' + i.toString() + '":0,';
    accepts("{" + many + '"a":0}');
    refuses("[{" + many + '"k7":0}]', "line 1, column 2: expected each key once, \"k7\" is there twice, found '{'");
    refuses("{" + many + '"k\\u0031":0}', "line 1, column 1: expected each key once, \"k1\" is there twice, found '{'");
  });

  it("tells of a long key in one short line", () => {
    const key = "a\\n" + "b".repeat(50);
    const shown = "a " + "b".repeat(38) + "…";
    refuses('{"' + key + '":1,"' + key + '":1}', 'line 1, column 60: expected each key once, "' + shown + "\" is there twice, found '\"'");
  });

  it("refuses a key that is there twice, by its meaning, at the second one", () => {
    refuses('{"a":1,"a":1}', 'line 1, column 8: expected each key once, "a" is there twice, found \'"\'');
    refuses('{"a":1,\n "\\u0061":2}', 'line 2, column 2: expected each key once, "a" is there twice, found \'"\'');
    refuses('{"":1,"":2}', 'line 1, column 7: expected each key once, "" is there twice, found \'"\'');
    accepts('{"a":1,"A":2}');
    accepts('{"a":{"a":{"a":1}},"b":{"a":1}}');
    accepts('[{"a":1},{"a":1}]');
  });

  it("reads 64 levels and refuses 65", () => {
    accepts("[".repeat(64) + "]".repeat(64));
    accepts('{"a":'.repeat(64) + "1" + "}".repeat(64));
    refuses("[".repeat(65) + "]".repeat(65), "line 1, column 65: expected at most 64 levels, found '['");
    refuses('{"a":'.repeat(64) + "{}" + "}".repeat(64), "line 1, column 321: expected at most 64 levels, found '{'");
    refuses("[".repeat(100_000), "line 1, column 65: expected at most 64 levels, found '['");
  });

  it("counts levels, not values", () => {
    accepts("[" + "[[]],".repeat(200) + "[]]");
    const deep = "[".repeat(63) + "]".repeat(63);
    accepts("[" + deep + "," + deep + "]");
  });
});

describe("json: strings", () => {
  it("reads each escape", () => {
    reads('"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"' + '"\\/\b\f\n\r\t' + '"');
    reads('"\\u0041\\u00e9\\u20AC\\uFfFf"', '"Aé€\uffff"');
    reads('"a\\nb\\u0063d"', '"a\nbcd"');
    reads('"\\\\u0041"', '"\\u0041"');
    reads('"\\u0000"', '"\0"');
    reads('"\\u00411"', '"A1"');
  });

  it("reads a surrogate pair as one character, a lone surrogate as itself", () => {
    reads('"\\ud83d\\ude00"', '"😀"');
    reads('"\\uD83D\\uDE00"', '"😀"');
    reads('"\\ud83d"', '"' + String.fromCharCode(0xd83d) + '"');
    reads('"\\ude00\\ud83d"', '"' + String.fromCharCode(0xde00) + String.fromCharCode(0xd83d) + '"');
  });

  it("reads characters beyond ASCII as they are, DEL too", () => {
    accepts('"é€😀\u007f\u0080\u2028\u2029"');
    reads('{"ключ":"значение"}', '{"ключ":"значение"}');
  });

  it("refuses every other escape", () => {
    const known = '"\\/bfnrtu';
    for (let c = 0; c < 128; c++) {
      const letter = String.fromCharCode(c);
      if (known.includes(letter)) continue;
      const found = c < 32 || c == 127 ? "U+00" + (c < 16 ? "0" : "") + c.toString(16).toUpperCase() : "'" + letter + "'";
      refuses('"\\' + letter + '"', "line 1, column 3: expected an escape, found " + found);
    }
    refuses('"\\', "line 1, column 3: expected an escape, found the end");
  });

  it("refuses an escape \\u without four hexadecimal digits, at the first that is none", () => {
    const expected = ": expected \\u and four hexadecimal digits, found ";
    refuses('"\\u"', "line 1, column 4" + expected + "'\"'");
    refuses('"\\u004"', "line 1, column 7" + expected + "'\"'");
    refuses('"\\u', "line 1, column 4" + expected + "the end");
    refuses('"\\u004', "line 1, column 7" + expected + "the end");
    refuses('"\\u00g0"', "line 1, column 6" + expected + "'g'");
    refuses('"\\u 041"', "line 1, column 4" + expected + "' '");
    refuses('"\\u+041"', "line 1, column 4" + expected + "'+'");
    refuses('"\\u{41}"', "line 1, column 4" + expected + "'{'");
    refuses('"\\u00４1"', "line 1, column 6" + expected + "'４'");
  });

  it("takes 0-9, a-f and A-F for digits of \\u and nothing else", () => {
    let digits = "";
    for (let c = 0; c < 0x300; c++) {
      const digit = String.fromCharCode(c);
      if (new JsonParser('"\\u004' + digit + '"').parse() != null) digits += digit;
    }
    expect(digits).toBe("0123456789ABCDEFabcdef");
  });

  it("refuses a raw control character (U+0000 to U+001F)", () => {
    for (let c = 0; c < 32; c++) {
      const text = '"a' + String.fromCharCode(c) + '"';
      const shown = "U+00" + (c < 16 ? "0" : "") + c.toString(16).toUpperCase();
      refuses(text, "line 1, column 3: expected no control character in a string, found " + shown);
    }
  });

  it("refuses a string without an end, and other quotes", () => {
    refuses('"', "line 1, column 2: expected '\"', found the end");
    refuses('"abc', "line 1, column 5: expected '\"', found the end");
    refuses('"abc\\"', "line 1, column 7: expected '\"', found the end");
    refuses("'abc'", "line 1, column 1: expected a value, found '''");
    refuses('["a","b]', "line 1, column 9: expected '\"', found the end");
  });
});

describe("json: numbers", () => {
  it("reads integers, fractions and exponents", () => {
    numbers("0", 0);
    numbers("-0", 0);
    numbers("7", 7);
    numbers("-7", -7);
    numbers("2147483647", 2147483647);
    numbers("-2147483648", -2147483648);
    numbers("9007199254740991", 9007199254740991);
    numbers("0.5", 0.5);
    numbers("-0.25", -0.25);
    numbers("1.0", 1);
    numbers("0.1", 0.1);
    numbers("4.35", 4.35);
    numbers("3.141592653589793", 3.141592653589793);
    numbers("1e2", 100);
    numbers("1E2", 100);
    numbers("1e+2", 100);
    numbers("1.5e-3", 0.0015);
    numbers("0e9", 0);
    numbers("1e00", 1);
    numbers("100000000000000000000e-20", 1);
    numbers("1e23", 1e23);
  });

  it("reads far exponents within a few units of the last place", () => {
    const texts = ["1e-23", "1e-30", "7e-44", "1.5e-66", "1e-300", "1e24", "1e30", "7e44", "1e308", "0.000001e-40"];
    const expected: f64[] = [1e-23, 1e-30, 7e-44, 1.5e-66, 1e-300, 1e24, 1e30, 7e44, 1e308, 1e-46];
    for (let i = 0; i < texts.length; i++) {
      const value = new JsonParser(texts[i]).parse()!.number;
      expect(Math.abs(value / expected[i] - 1) < 1e-14).toBe(true, texts[i]);
    }
  });

  it("reads more digits than a number has room for", () => {
    const texts = ["1" + "0".repeat(400) + "e-400", "0." + "5".repeat(400), "0.5" + "0".repeat(10000), "2" + "5".repeat(500) + "e-490"];
    const expected: f64[] = [1, 5 / 9.0, 0.5, 2.5555555555555556e10];
    for (let i = 0; i < texts.length; i++) {
      const value = new JsonParser(texts[i]).parse()!.number;
      expect(Math.abs(value / expected[i] - 1) < 1e-14).toBe(true, texts[i]);
    }
  });

  it("keeps the spelling", () => {
    accepts("-0");
    accepts("1.50");
    accepts("1E+02");
    accepts("[123456789012345678901234567890,-0.0e-0]");
  });

  it("reads what is too large as infinite and what is too small as 0", () => {
    numbers("1e400", f64.POSITIVE_INFINITY);
    numbers("-1e400", f64.NEGATIVE_INFINITY);
    numbers("1e-400", 0);
    numbers("1e99999999999999999999", f64.POSITIVE_INFINITY);
    numbers("1e-99999999999999999999", 0);
    numbers("1" + "0".repeat(400), f64.POSITIVE_INFINITY);
    numbers("-1" + "0".repeat(400), f64.NEGATIVE_INFINITY);
    numbers("0." + "0".repeat(400) + "1", 0);
  });

  it("refuses every other spelling", () => {
    refuses("-", "line 1, column 2: expected a digit, found the end");
    refuses("--1", "line 1, column 2: expected a digit, found '-'");
    refuses("-a", "line 1, column 2: expected a digit, found 'a'");
    refuses("- 1", "line 1, column 2: expected a digit, found ' '");
    refuses("+1", "line 1, column 1: expected a value, found '+'");
    refuses(".5", "line 1, column 1: expected a value, found '.'");
    refuses("-.5", "line 1, column 2: expected a digit, found '.'");
    refuses("1.", "line 1, column 3: expected a digit, found the end");
    refuses("1.e1", "line 1, column 3: expected a digit, found 'e'");
    refuses("1e", "line 1, column 3: expected a digit, found the end");
    refuses("1e+", "line 1, column 4: expected a digit, found the end");
    refuses("1e+-1", "line 1, column 4: expected a digit, found '-'");
    refuses("1e1.5", "line 1, column 4: expected the end of the document, found '.'");
    refuses("01", "line 1, column 2: expected the end of the document, found '1'");
    refuses("-01", "line 1, column 3: expected the end of the document, found '1'");
    refuses("00", "line 1, column 2: expected the end of the document, found '0'");
    refuses("0x1f", "line 1, column 2: expected the end of the document, found 'x'");
    refuses("1_000", "line 1, column 2: expected the end of the document, found '_'");
    refuses("1.2.3", "line 1, column 4: expected the end of the document, found '.'");
    refuses("1ee2", "line 1, column 3: expected a digit, found 'e'");
    refuses("[1a]", "line 1, column 3: expected ',' or ']', found 'a'");
    refuses("-Infinity", "line 1, column 2: expected a digit, found 'I'");
    refuses("１", "line 1, column 1: expected a value, found '１'");
  });
});

describe("json: errors", () => {
  it("count lines at line feeds and columns from 1", () => {
    refuses('{\n  "a": 1,\n  "b" 2\n}', "line 3, column 7: expected ':', found '2'");
    refuses("\n\n\nx", "line 4, column 1: expected a value, found 'x'");
    refuses("[1,\r\n x]", "line 2, column 2: expected a value, found 'x'");
    refuses("[\n", "line 2, column 1: expected a value, found the end");
  });

  it("are the first one only", () => {
    refuses("[[[x", "line 1, column 4: expected a value, found 'x'");
    refuses('{"a":[1,{"b":tru}]}', "line 1, column 14: expected a value, found 't'");
  });

  it("show a whole character, and a control character by its number", () => {
    refuses("😀", "line 1, column 1: expected a value, found '😀'");
    refuses('{"a":1\0}', "line 1, column 7: expected ',' or '}', found U+0000");
    refuses("[1\u001b[31m", "line 1, column 3: expected ',' or ']', found U+001B");
    refuses("\u007f", "line 1, column 1: expected a value, found U+007F");
    refuses("\u0085", "line 1, column 1: expected a value, found U+0085");
  });
});

describe("json: descriptions", () => {
  it("name type and value, a long text cut", () => {
    const value = new JsonParser('[null,true,false,-1.50,"x","",[1],{"a":1}]').parse()!;
    const expected = ["null", "true", "false", "number -1.50", 'string "x"', 'string ""', "array", "object"];
    for (let i = 0; i < expected.length; i++) expect(value.items[i].describe()).toBe(expected[i]);
    const text = new JsonValue(JsonType.String);
    text.text = "x".repeat(40);
    expect(text.describe()).toBe('string "' + "x".repeat(40) + '"');
    text.text = "x".repeat(41);
    expect(text.describe()).toBe('string "' + "x".repeat(40) + '…"');
  });
});
