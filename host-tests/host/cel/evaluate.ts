import { attribute } from "../attributes.ts";
import type { Context } from "../context.ts";
import { gap } from "../refusal.ts";
import { step, type Value } from "../value.ts";
import type { Expression } from "./tree.ts";

const bool = (value: boolean): Value => ({ type: "bool", value });

/** The value of an expression in a context; null is an error, such as an attribute that is not there. */
export function evaluate(expression: Expression, context: Context): Value | null {
  const value = (each: Expression): Value | null => evaluate(each, context);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name":
      return attribute(context, expression.name, false) ?? null;
    case "select": {
      const of = value(expression.of);
      return (of && step(of, expression.field)) ?? null;
    }
    case "has": {
      const of = value(expression.of);
      return of && bool(step(of, expression.field) !== undefined);
    }
    case "index": {
      const [of, at] = [value(expression.of), value(expression.at)];
      if (!of || !at) return null;
      if (at.type === "int") return of.type === "list" ? (of.items[Number(at.value)] ?? null) : null;
      return (at.type === "string" && of.type === "map" ? of.get(at.value) : null) ?? null;
    }
    case "list": {
      const items = expression.items.map(value);
      return items.every(item => item !== null) ? { type: "list", items: items as Value[] } : null;
    }
    case "not": {
      const of = value(expression.of);
      return of?.type === "bool" ? bool(!of.value) : null;
    }
    case "negative": {
      const of = value(expression.of);
      if (of?.type === "int") return { type: "int", value: -of.value };
      return of?.type === "double" ? { type: "double", value: -of.value } : null;
    }
    case "choice": {
      const condition = value(expression.condition);
      if (condition?.type !== "bool") return null;
      return value(condition.value ? expression.then : expression.otherwise);
    }
    case "binary":
      return binary(
        expression.operator,
        () => value(expression.left),
        () => value(expression.right),
      );
    case "call": {
      const args = [expression.of, ...expression.args].filter(each => each !== null).map(value);
      return args.every(arg => arg !== null) ? call(expression.name, args as Value[]) : null;
    }
  }
}

function binary(operator: string, left: () => Value | null, right: () => Value | null): Value | null {
  if (operator === "&&" || operator === "||") {
    // One side can decide, also when the other one is an error.
    const decisive = operator === "||";
    const [a, b] = [left(), right()];
    if ([a, b].some(each => each?.type === "bool" && each.value === decisive)) return bool(decisive);
    return a?.type === "bool" && b?.type === "bool" ? bool(!decisive) : null;
  }
  const [a, b] = [left(), right()];
  if (!a || !b) return null;
  if (operator === "==" || operator === "!=") return bool(equal(a, b) === (operator === "=="));
  if (operator === "in") {
    if (b.type === "list") return bool(b.items.some(item => equal(item, a)));
    return b.type === "map" && a.type === "string" ? bool(b.get(a.value) !== undefined) : null;
  }
  return ["<", "<=", ">", ">="].includes(operator) ? compare(operator, a, b) : arithmetic(operator, a, b);
}

function equal(a: Value, b: Value): boolean {
  if (a.type === "map" || b.type === "map" || a.type === "message" || b.type === "message")
    throw gap("the comparison of maps and messages in CEL");
  if (a.type === "null" || b.type === "null") return a.type === b.type;
  if (a.type === "list" || b.type === "list") {
    if (a.type !== "list" || b.type !== "list" || a.items.length !== b.items.length) return false;
    return a.items.every((item, index) => equal(item, b.items[index] as Value));
  }
  return a.type === b.type && a.value === b.value;
}

function compare(operator: string, a: Value, b: Value): Value | null {
  if (a.type !== b.type || !("value" in a) || !("value" in b)) return null;
  if (operator === "<") return bool(a.value < b.value);
  if (operator === "<=") return bool(a.value <= b.value);
  return bool(operator === ">" ? a.value > b.value : a.value >= b.value);
}

function arithmetic(operator: string, a: Value, b: Value): Value | null {
  if (a.type === "string" && b.type === "string") return operator === "+" ? { type: "string", value: a.value + b.value } : null;
  if (a.type === "double" && b.type === "double") return { type: "double", value: calculate(operator, a.value, b.value) };
  if ((a.type !== "int" && a.type !== "uint") || a.type !== b.type) return null;
  const [left, right] = [a.value, b.value as bigint];
  if ((operator === "/" || operator === "%") && right === 0n) return null;
  const result = integer(operator, left, right);
  const fits = a.type === "int" ? BigInt.asIntN(64, result) === result : BigInt.asUintN(64, result) === result;
  return fits ? { type: a.type, value: result } : null;
}

function calculate(operator: string, a: number, b: number): number {
  if (operator === "+") return a + b;
  if (operator === "-") return a - b;
  return operator === "*" ? a * b : a / b;
}

function integer(operator: string, a: bigint, b: bigint): bigint {
  if (operator === "+") return a + b;
  if (operator === "-") return a - b;
  if (operator === "*") return a * b;
  return operator === "/" ? a / b : a % b;
}

function call(name: string, args: Value[]): Value | null {
  const [of, arg] = args;
  if (!of) return null;
  if (name === "size") {
    if (of.type === "string") return { type: "int", value: BigInt([...Buffer.from(of.value, "latin1").toString()].length) };
    if (of.type === "bytes") return { type: "int", value: BigInt(of.value.length) };
    if (of.type === "list") return { type: "int", value: BigInt(of.items.length) };
    return of.type === "map" ? { type: "int", value: BigInt(of.keys()?.length ?? 0) } : null;
  }
  if (arg) {
    if (of.type !== "string" || arg.type !== "string") return null;
    if (name === "startsWith") return bool(of.value.startsWith(arg.value));
    if (name === "endsWith") return bool(of.value.endsWith(arg.value));
    if (name === "contains") return bool(of.value.includes(arg.value));
    return matches(of.value, arg.value);
  }
  return convert(name, of);
}

/** RE2 has no backtracking constructs; what JavaScript shares with it is the same there. */
function matches(text: string, pattern: string): Value | null {
  if (/\\[1-9]|\(\?(?!:)/.test(pattern)) throw gap(`the regular expression ${pattern} in CEL`);
  try {
    return bool(new RegExp(pattern, "s").test(text));
  } catch {
    return null;
  }
}

function convert(to: string, value: Value): Value | null {
  if (!("value" in value)) return null;
  if (to === value.type) return value;
  const plain = value.value;
  if (to === "string") return typeof plain === "boolean" ? null : { type: "string", value: String(plain) };
  if (to === "double") return typeof plain === "boolean" ? null : { type: "double", value: Number(plain) };
  if (to === "bool") return plain === "true" || plain === "false" ? bool(plain === "true") : null;
  if (typeof plain === "boolean") return null;
  if (typeof plain === "string" && !/^-?\d+$/.test(plain)) return null;
  const whole = typeof plain === "number" ? BigInt(Math.trunc(plain)) : BigInt(plain);
  return { type: to as "int" | "uint", value: value.type === "timestamp" ? whole / 1_000_000_000n : whole };
}
