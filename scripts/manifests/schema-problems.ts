import type { ErrorObject, SchemaObject } from "ajv";
import { describeExpected } from "./schema-words.ts";

/** What is wrong with a value, and where: `attributes[1].name`; empty for the whole. */
export interface ConfigProblem {
  readonly path: string;
  readonly keys: readonly (string | number)[];
  readonly expected: string;
  readonly found: string;
}

/** ajv's errors, told in the words of the schema. */
export function schemaProblems(errors: readonly ErrorObject[]): ConfigProblem[] {
  // What failed within an alternative is told by the alternative itself.
  return errors
    .filter(({ keyword, schemaPath }) => keyword !== "if" && !/\/(oneOf|anyOf|not|if|propertyNames)\//.test(schemaPath))
    .map(problem);
}

function problem(error: ErrorObject): ConfigProblem {
  const { keyword, params, data, instancePath } = error;
  const keys = keysOf(instancePath);
  const at = (...more: string[]) => ({ keys: [...keys, ...more], path: pathOf([...keys, ...more]) });
  if (keyword === "required") {
    const property = (error.parentSchema as SchemaObject | undefined)?.properties?.[params.missingProperty];
    return { ...at(params.missingProperty), expected: property ? describeExpected(property) : "a value", found: "nothing" };
  }
  if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") {
    const key = params.additionalProperty ?? params.unevaluatedProperty;
    const known = Object.keys((error.parentSchema as SchemaObject | undefined)?.properties ?? {});
    const expected = known.length > 0 ? `one of the keys ${known.join(", ")}` : "no such key";
    return { ...at(key), expected, found: "an unknown key" };
  }
  if (keyword === "false schema") return { ...at(), expected: "no such key", found: shown(data) };
  if (keyword === "propertyNames") {
    const expected = describeExpected(error.schema).replace(/^a value/, "a key");
    return { ...at(params.propertyName), expected, found: shown(params.propertyName) };
  }
  const schema = keyword === "oneOf" ? { oneOf: error.schema } : { ...(error.parentSchema as SchemaObject | undefined) };
  return { ...at(), expected: describeExpected(schema), found: shown(data) };
}

/** Of a JSON Pointer. */
function keysOf(pointer: string): (string | number)[] {
  const tokens = pointer.split("/").slice(1);
  return tokens.map(token => (/^\d+$/.test(token) ? Number(token) : token.replaceAll("~1", "/").replaceAll("~0", "~")));
}

/** The notation in which the filters themselves complain. */
export function pathOf(keys: readonly (string | number)[]): string {
  return keys.map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${key}`)).join("");
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
