import { Config, ConfigValue } from "../config";

/** The problems of `config`, one a line. */
function problems(config: Config): string {
  return config.problems.join("\n");
}

function parse(text: string): Config {
  return Config.parse("my-filter", text);
}

/** The value `v` of a configuration `{"v": text}`. */
class Case {
  readonly config: Config;
  readonly value: ConfigValue;

  constructor(readonly text: string) {
    const config = parse('{"v": ' + text + "}");
    this.config = config;
    this.value = config.root.get("v");
  }

  /** Says `expected`, and what it found; nothing else. */
  complains(expected: string, found: string): void {
    expect(problems(this.config)).toBe("my-filter: v: expected " + expected + ", found " + found, this.text);
    expect(this.config.ok).toBe(false, this.text);
  }

  content(): void {
    expect(problems(this.config)).toBe("", this.text);
    expect(this.config.ok).toBe(true, this.text);
  }
}

/** One of each type, and what a message calls it. */
const TYPES: string[] = ["null", "true", "false", "5", '"x"', "[1]", '{"a":1}'];
const NAMES: string[] = ["null", "true", "false", "number 5", 'string "x"', "array", "object"];

describe("config: the document", () => {
  it("takes no text for an empty object", () => {
    const texts = ["", " ", "\n\t \r\n"];
    for (let i = 0; i < texts.length; i++) {
      const config = parse(texts[i]);
      expect(config.ok).toBe(true);
      expect(config.root.present).toBe(true);
      expect(config.root.allow(["a"])).toBe(true);
      expect(config.root.keys().length).toBe(0);
      expect(config.root.get("a").present).toBe(false);
      expect(config.root.get("a").string("fallback")).toBe("fallback");
      expect(config.ok).toBe(true);
    }
  });

  it("says where a text is no JSON, and nothing more about it", () => {
    const config = parse('{\n  "a": tru\n}');
    expect(config.root.present).toBe(false);
    expect(config.root.type).toBe(-1);
    config.root.allow(["b"]);
    expect(config.root.get("a").integer(3, 1, 5)).toBe(3);
    expect(config.root.get("list").items().length).toBe(0);
    expect(config.root.keys().length).toBe(0);
    expect(problems(config)).toBe("my-filter: configuration is no JSON: line 2, column 8: expected a value, found 't'");
  });

  it("says that a second document is none", () => {
    expect(problems(parse("{} {}"))).toBe(
      "my-filter: configuration is no JSON: line 1, column 4: expected the end of the document, found '{'",
    );
  });

  it("refuses a document that is no object", () => {
    for (let i = 0; i < TYPES.length - 1; i++) {
      const config = parse(TYPES[i]);
      expect(config.ok).toBe(true, TYPES[i]);
      expect(config.root.allow(["a"])).toBe(false, TYPES[i]);
      expect(problems(config)).toBe("my-filter: configuration: expected an object, found " + NAMES[i]);
      expect(config.root.get("a").present).toBe(false, TYPES[i]);
    }
  });

  it("collects problems in the order in which they are found", () => {
    const config = parse('{"a":1,"b":"x","c":true}');
    config.root.get("b").integer(1, 0, 9);
    config.root.get("a").string("");
    config.root.get("c").problem("is not for Tuesdays");
    config.root.problem("is too short");
    expect(problems(config)).toBe(
      'my-filter: b: expected an integer from 0 to 9, found string "x"\n' +
        "my-filter: a: expected a string, found number 1\n" +
        "my-filter: c: is not for Tuesdays\n" +
        "my-filter: is too short",
    );
  });
});

describe("config: keys", () => {
  it("refuses one that is there twice, also among many, at the second", () => {
    let many = "";
    for (let i = 0; i < 100; i++) many += '"k' + i.toString() + '":0,';
    expect(problems(parse("{" + many + '"a":0}'))).toBe("");
    const complaint = 'my-filter: configuration is no JSON: line 2, column 1: expected each key once, "k7" is there twice, found \'"\'';
    expect(problems(parse("{" + many + '\n"k7":0}'))).toBe(complaint);
  });

  it("names each unknown key and the known ones", () => {
    const config = parse('{"header":"x","heador":1,"limit":2,"Limit":3}');
    expect(config.root.allow(["header", "limit"])).toBe(true);
    expect(problems(config)).toBe(
      "my-filter: heador: unknown key; expected one of header, limit\n" + "my-filter: Limit: unknown key; expected one of header, limit",
    );
  });

  it("does not offer a choice of one", () => {
    const config = parse('{"a":1}');
    config.root.allow(["b"]);
    expect(problems(config)).toBe("my-filter: a: unknown key; expected b");
  });

  it("names an empty key", () => {
    const config = parse('{"":{"":1}}');
    config.root.allow(["b"]);
    config.root.get("").get("").boolean(true);
    expect(problems(config)).toBe('my-filter: "": unknown key; expected b\n' + 'my-filter: ""."": expected true or false, found number 1');
  });

  it("allows known keys in any number and order, and an object that is not there", () => {
    const config = parse('{"b":1}');
    expect(config.root.allow(["a", "b", "c"])).toBe(true);
    expect(config.root.get("a").allow(["x"])).toBe(true);
    expect(config.ok).toBe(true);
  });

  it("refuses what is no object", () => {
    for (let i = 0; i < TYPES.length - 1; i++) {
      const v = new Case(TYPES[i]);
      expect(v.value.allow(["a"])).toBe(false, TYPES[i]);
      v.complains("an object", NAMES[i]);
    }
  });

  it("lists keys in order", () => {
    expect(parse('{"b":1,"a":2,"":3}').root.keys().join("|")).toBe("b|a|");
    expect(parse("[1]").root.keys().length).toBe(0);
  });

  it("allows any key of a table, and refuses what is none", () => {
    const config = parse('{"table":{"b":1,"a":2,"":3},"empty":{}}');
    expect(config.root.get("table").allowAny().join("|")).toBe("b|a|");
    expect(config.root.get("empty").allowAny().length).toBe(0);
    expect(config.root.get("absent").allowAny().length).toBe(0);
    expect(config.ok).toBe(true);
    for (let i = 0; i < TYPES.length - 1; i++) {
      const v = new Case(TYPES[i]);
      expect(v.value.allowAny().length).toBe(0, TYPES[i]);
      v.complains("an object", NAMES[i]);
    }
  });

  it("tells null from nothing", () => {
    const root = parse('{"a":null}').root;
    expect(root.get("a").present).toBe(true);
    expect(root.get("a").type).toBe(0);
    expect(root.get("b").present).toBe(false);
    expect(root.get("b").type).toBe(-1);
  });
});

describe("config: values", () => {
  it("reads a string, and refuses every other type", () => {
    const right = new Case('"text"');
    expect(right.value.string("fallback")).toBe("text");
    right.content();
    const empty = new Case('""');
    expect(empty.value.string("fallback")).toBe("");
    empty.content();
    for (let i = 0; i < TYPES.length; i++) {
      if (i == 4) continue;
      const wrong = new Case(TYPES[i]);
      expect(wrong.value.string("fallback")).toBe("fallback", TYPES[i]);
      wrong.complains("a string", NAMES[i]);
    }
  });

  it("reads a string that has to be there, and refuses an empty one, every other type and nothing", () => {
    const right = new Case('"text"');
    expect(right.value.required()).toBe("text");
    right.content();
    const empty = new Case('""');
    expect(empty.value.required()).toBe("");
    empty.complains("a non-empty string", 'string ""');
    for (let i = 0; i < TYPES.length; i++) {
      if (i == 4) continue;
      const wrong = new Case(TYPES[i]);
      expect(wrong.value.required()).toBe("", TYPES[i]);
      wrong.complains("a non-empty string", NAMES[i]);
    }
    const config = parse("{}");
    expect(config.root.get("name").required()).toBe("");
    expect(problems(config)).toBe("my-filter: name: expected a non-empty string, found nothing");
  });

  it("reads one of several, the first where there is none", () => {
    const choices = ["auto", "renew", "keep"];
    for (let i = 0; i < choices.length; i++) {
      const right = new Case('"' + choices[i] + '"');
      expect(right.value.oneOf(choices)).toBe(choices[i]);
      right.content();
    }
    const config = parse("{}");
    expect(config.root.get("v").oneOf(choices)).toBe("auto");
    expect(config.ok).toBe(true);
    const texts = ['"Renew"', '""', '"renew "', "1", "null", '["renew"]'];
    const names = ['string "Renew"', 'string ""', 'string "renew "', "number 1", "null", "array"];
    for (let i = 0; i < texts.length; i++) {
      const wrong = new Case(texts[i]);
      expect(wrong.value.oneOf(choices)).toBe("auto", texts[i]);
      wrong.complains('one of "auto", "renew", "keep"', names[i]);
    }
  });

  it("reads an integer within its bounds, in any spelling", () => {
    const texts = ["1", "100", "42", "1e1", "10.0", "1E+2", "0.5e1", "1000e-1"];
    const expected: i32[] = [1, 100, 42, 10, 10, 100, 5, 100];
    for (let i = 0; i < texts.length; i++) {
      const right = new Case(texts[i]);
      expect(right.value.integer(7, 1, 100)).toBe(expected[i], texts[i]);
      right.content();
    }
    const least = new Case("-2147483648");
    expect(least.value.integer(7, i32.MIN_VALUE, i32.MAX_VALUE)).toBe(i32.MIN_VALUE);
    least.content();
    const most = new Case("2147483647");
    expect(most.value.integer(7, i32.MIN_VALUE, i32.MAX_VALUE)).toBe(i32.MAX_VALUE);
    most.content();
    const zero = new Case("-0");
    expect(zero.value.integer(7, 0, 1)).toBe(0);
    zero.content();
  });

  it("refuses an integer out of its bounds, a fraction and every other type", () => {
    const numbers = ["0", "101", "-1", "1.5", "100.0001", "2147483648", "4294967297", "18446744073709551617", "1e400", "-1e400", "1e-9"];
    for (let i = 0; i < numbers.length; i++) {
      const wrong = new Case(numbers[i]);
      expect(wrong.value.integer(7, 1, 100)).toBe(7, numbers[i]);
      wrong.complains("an integer from 1 to 100", "number " + numbers[i]);
    }
    for (let i = 0; i < TYPES.length; i++) {
      if (i == 3) continue;
      const wrong = new Case(TYPES[i]);
      expect(wrong.value.integer(7, 1, 100)).toBe(7, TYPES[i]);
      wrong.complains("an integer from 1 to 100", NAMES[i]);
    }
    const beyond = new Case("2147483648");
    expect(beyond.value.integer(7, i32.MIN_VALUE, i32.MAX_VALUE)).toBe(7);
    beyond.complains("an integer from -2147483648 to 2147483647", "number 2147483648");
    const digits = new Case('"5"');
    expect(digits.value.integer(7, 1, 100)).toBe(7);
    digits.complains("an integer from 1 to 100", 'string "5"');
  });

  it("gives the fallback of an absent integer, whatever the bounds", () => {
    const config = parse("{}");
    expect(config.root.get("v").integer(-1, 1, 100)).toBe(-1);
    expect(config.ok).toBe(true);
  });

  it("reads a boolean, and refuses every other type", () => {
    const yes = new Case("true");
    expect(yes.value.boolean(false)).toBe(true);
    yes.content();
    const no = new Case("false");
    expect(no.value.boolean(true)).toBe(false);
    no.content();
    const config = parse("{}");
    expect(config.root.get("v").boolean(true)).toBe(true);
    expect(config.root.get("v").boolean(false)).toBe(false);
    expect(config.ok).toBe(true);
    for (let i = 0; i < TYPES.length; i++) {
      if (i == 1 || i == 2) continue;
      const wrong = new Case(TYPES[i]);
      expect(wrong.value.boolean(true)).toBe(true, TYPES[i]);
      wrong.complains("true or false", NAMES[i]);
    }
    const word = new Case('"true"');
    expect(word.value.boolean(false)).toBe(false);
    word.complains("true or false", 'string "true"');
  });

  it("reads the items of an array, and refuses every other type", () => {
    const right = new Case('["a","b"]');
    const items = right.value.items();
    expect(items.length).toBe(2);
    expect(items[0].string("") + items[1].string("")).toBe("ab");
    expect(new Case("[]").value.items().length).toBe(0);
    right.content();
    for (let i = 0; i < TYPES.length; i++) {
      if (i == 5) continue;
      const wrong = new Case(TYPES[i]);
      expect(wrong.value.items().length).toBe(0, TYPES[i]);
      wrong.complains("an array", NAMES[i]);
    }
  });

  it("cuts a long text that it quotes", () => {
    const long = new Case('"' + "x".repeat(1000) + '"');
    long.value.boolean(true);
    long.complains("true or false", 'string "' + "x".repeat(40) + '…"');
  });
});

describe("config: paths", () => {
  it("lead from the root to a value in objects and arrays", () => {
    const root = parse('{"attributes":[{"name":"a"},{"name":{"en":["x",2]}}]}').root;
    expect(root.path).toBe("");
    const second = root.get("attributes").items()[1];
    expect(second.path).toBe("attributes[1]");
    expect(second.get("name").get("en").items()[1].path).toBe("attributes[1].name.en[1]");
  });

  it("stand in every kind of message", () => {
    const config = parse('{"a":[{"n":1,"s":true,"x":0,"o":"q","b":"y","i":1.5}]}');
    const item = config.root.get("a").items()[0];
    item.allow(["n", "s", "o", "b", "i"]);
    item.get("n").required();
    item.get("m").required();
    item.get("s").string("");
    item.get("o").oneOf(["p"]);
    item.get("b").boolean(true);
    item.get("i").integer(0, 0, 9);
    item.get("n").items();
    item.get("n").allow(["z"]);
    item.problem("needs one of p, q");
    expect(problems(config)).toBe(
      [
        "my-filter: a[0].x: unknown key; expected one of n, s, o, b, i",
        "my-filter: a[0].n: expected a non-empty string, found number 1",
        "my-filter: a[0].m: expected a non-empty string, found nothing",
        "my-filter: a[0].s: expected a string, found true",
        'my-filter: a[0].o: expected one of "p", found string "q"',
        'my-filter: a[0].b: expected true or false, found string "y"',
        "my-filter: a[0].i: expected an integer from 0 to 9, found number 1.5",
        "my-filter: a[0].n: expected an array, found number 1",
        "my-filter: a[0].n: expected an object, found number 1",
        "my-filter: a[0]: needs one of p, q",
      ].join("\n"),
    );
  });

  it("go on below what is absent or of another type, without a fault", () => {
    const config = parse('{"a":5}');
    expect(config.root.get("a").get("b").get("c").path).toBe("a.b.c");
    expect(config.root.get("a").get("b").get("c").present).toBe(false);
    expect(config.root.get("x").get("y").items().length).toBe(0);
    expect(config.root.get("x").get("y").integer(3, 0, 9)).toBe(3);
    expect(config.ok).toBe(true);
    config.root.get("x").get("y").required();
    expect(problems(config)).toBe("my-filter: x.y: expected a non-empty string, found nothing");
  });
});
