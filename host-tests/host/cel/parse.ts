import { gap } from "../refusal.ts";
import type { Value } from "../value.ts";
import type { Expression } from "./tree.ts";

type Token = { readonly type: "name" | "int" | "uint" | "double" | "text" | "sign" | "end"; readonly text: string };

const TOKEN =
  /\s*(?:(\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(0x[0-9a-fA-F]+|\d+)([uU])?|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([A-Za-z_]\w*)|(&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]))/y;

/** Operators, loosest first. */
const LEVELS: readonly (readonly string[])[] = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];

/** Functions and methods that the evaluator knows, with their number of arguments, the receiver not counted. */
const FUNCTIONS: Readonly<Record<string, number>> = { size: 1, int: 1, uint: 1, string: 1, double: 1, bool: 1 };
const METHODS: Readonly<Record<string, number>> = { startsWith: 1, endsWith: 1, contains: 1, matches: 1, size: 0 };

class SyntaxProblem extends Error {}

/** The expression, or null when it is none. What is CEL and not known here is refused by name. */
export function compile(source: string): Expression | null {
  try {
    const parser = new Parser(tokens(source));
    return parser.whole();
  } catch (error) {
    if (error instanceof SyntaxProblem) return null;
    throw error;
  }
}

function tokens(source: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== "") {
    const match = TOKEN.exec(source);
    if (!match) throw new SyntaxProblem();
    const [, double, int, unsigned, text, name, sign] = match;
    if (double !== undefined) found.push({ type: "double", text: double });
    else if (int !== undefined) found.push({ type: unsigned ? "uint" : "int", text: int });
    else if (text !== undefined) found.push({ type: "text", text: unescaped(text.slice(1, -1)) });
    else if (name !== undefined) found.push({ type: "name", text: name });
    else found.push({ type: "sign", text: sign as string });
  }
  found.push({ type: "end", text: "" });
  return found;
}

function unescaped(text: string): string {
  const simple: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', "'": "'", "`": "`", "?": "?" };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g, (_, hex: string, code: string, char: string) => {
    if (hex ?? code) return String.fromCharCode(Number.parseInt(hex ?? code, 16));
    const plain = simple[char];
    if (plain === undefined) throw new SyntaxProblem();
    return plain;
  });
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#choice();
    if (this.#peek().type !== "end") throw new SyntaxProblem();
    return expression;
  }

  #choice(): Expression {
    const condition = this.#binary(0);
    if (!this.#take("?")) return condition;
    const then = this.#binary(0);
    this.#expect(":");
    return { kind: "choice", condition, then, otherwise: this.#choice() };
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#peek();
      if ((operator.type !== "sign" && operator.text !== "in") || !operators.includes(operator.text)) return left;
      this.#at++;
      left = { kind: "binary", operator: operator.text, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Expression {
    if (this.#take("!")) return { kind: "not", of: this.#unary() };
    if (this.#take("-")) return { kind: "negative", of: this.#unary() };
    return this.#member();
  }

  #member(): Expression {
    let of = this.#primary();
    for (;;) {
      if (this.#take("[")) {
        of = { kind: "index", of, at: this.#choice() };
        this.#expect("]");
      } else if (this.#take(".")) {
        const field = this.#next("name").text;
        of = this.#take("(") ? this.#call(field, of) : { kind: "select", of, field };
      } else return of;
    }
  }

  #call(name: string, of: Expression | null): Expression {
    const args: Expression[] = [];
    while (!this.#take(")")) {
      if (args.length > 0) this.#expect(",");
      args.push(this.#choice());
    }
    if (name === "has" && !of && args.length === 1) {
      const [inner] = args;
      if (inner?.kind !== "select") throw new SyntaxProblem();
      return { kind: "has", of: inner.of, field: inner.field };
    }
    if ((of ? METHODS : FUNCTIONS)[name] !== args.length) throw gap(`the CEL function ${name} with ${args.length} arguments`);
    return { kind: "call", name, of, args };
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++] as Token;
    const literal = (value: Value): Expression => ({ kind: "literal", value });
    if (token.type === "int") return literal({ type: "int", value: BigInt(token.text) });
    if (token.type === "uint") return literal({ type: "uint", value: BigInt(token.text) });
    if (token.type === "double") return literal({ type: "double", value: Number(token.text) });
    if (token.type === "text") return literal({ type: "string", value: Buffer.from(token.text).toString("latin1") });
    if (token.type === "name") {
      if (token.text === "true" || token.text === "false") return literal({ type: "bool", value: token.text === "true" });
      if (token.text === "null") return literal({ type: "null" });
      if (token.text === "in") throw new SyntaxProblem();
      return this.#take("(") ? this.#call(token.text, null) : { kind: "name", name: token.text };
    }
    if (token.text === "(") {
      const inner = this.#choice();
      this.#expect(")");
      return inner;
    }
    if (token.text === "[") return this.#list();
    if (token.text === "{") throw gap("map literals of CEL");
    throw new SyntaxProblem();
  }

  #list(): Expression {
    const items: Expression[] = [];
    while (!this.#take("]")) {
      if (items.length > 0) this.#expect(",");
      items.push(this.#choice());
    }
    return { kind: "list", items };
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(type: Token["type"]): Token {
    const token = this.#tokens[this.#at++] as Token;
    if (token.type !== type) throw new SyntaxProblem();
    return token;
  }

  #take(sign: string): boolean {
    const token = this.#peek();
    if (token.type !== "sign" || token.text !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new SyntaxProblem();
  }
}
