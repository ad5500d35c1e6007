/** Says in words what a JSON Schema wants. */
export function describeExpected(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return "something else";
  const { enum: values, const: literal, anyOf, oneOf, required, type, ...limits } = schema as Record<string, unknown>;
  if (Array.isArray(values)) return `one of ${values.map(value => JSON.stringify(value)).join(", ")}`;
  if (literal !== undefined) return JSON.stringify(literal);
  const isNone = (each: unknown): boolean => (each as { not?: unknown } | null)?.not !== undefined;
  if (Array.isArray(oneOf)) {
    const some = oneOf.filter(each => !isNone(each));
    const count = some.length < oneOf.length ? "at most" : "exactly";
    if (some.every(isKeyList)) return `${count} one of the keys ${some.map(keys).join(", ")}`;
  }
  const alternatives = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(alternatives)) return [...new Set(alternatives.map(describeExpected))].join(" or ");
  const kinds = (Array.isArray(type) ? type : [type]).filter(kind => typeof kind === "string");
  const base =
    kinds.length > 0 ? kinds.map(kind => WORDS[kind] ?? kind).join(" or ") : isKeyList({ required }) ? keys({ required }) : "a value";
  const more = Object.entries(LIMITS).flatMap(([key, words]) => (limits[key] === undefined ? [] : [words(limits[key])]));
  return more.length > 0 ? `${base} ${more.join(" and ")}` : base;
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

const LIMITS: Readonly<Record<string, (limit: unknown) => string>> = {
  minLength: limit => (limit === 1 ? "that is not empty" : `of at least ${limit} characters`),
  maxLength: limit => `of at most ${limit} characters`,
  pattern: pattern => `that matches ${pattern}`,
  minimum: limit => `from ${limit}`,
  exclusiveMinimum: limit => `above ${limit}`,
  maximum: limit => `up to ${limit}`,
  exclusiveMaximum: limit => `below ${limit}`,
  multipleOf: limit => `divisible by ${limit}`,
  minItems: limit => (limit === 1 ? "that is not empty" : `of at least ${limit} items`),
  maxItems: limit => `of at most ${limit} items`,
  uniqueItems: () => "without repetition",
};

const isKeyList = (schema: unknown): boolean => Array.isArray((schema as { required?: unknown } | null)?.required);
const keys = (schema: unknown): string => (schema as { required: string[] }).required.join(" with ");
