import { Ajv, type ErrorObject, type SchemaObject } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ManifestError } from "./request.ts";
import { describeExpected } from "./schema-words.ts";

/** What is wrong with a configuration, and where: `attributes[1].name`; empty for the whole. */
export interface ConfigProblem {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Compares a plugin configuration with the JSON Schema that a module carries. */
export function checkPluginConfig(schema: unknown, config: unknown): ConfigProblem[] {
  const validate = compile(schema);
  if (validate(config)) return [];
  // What failed within an alternative is told by the alternative itself.
  const errors = (validate.errors ?? []).filter(({ schemaPath }) => !/\/(oneOf|anyOf|not|if|propertyNames)\//.test(schemaPath));
  return errors.map(problem);
}

export function formatProblem({ path, expected, found }: ConfigProblem): string {
  return `${path || "the configuration"}: expected ${expected}, found ${found}`;
}

function compile(schema: unknown) {
  // A filter's author may have written for an older draft, or with keywords of an editor.
  const options = { allErrors: true, verbose: true, strict: false, logger: false } as const;
  try {
    const draft = (schema as { $schema?: unknown } | null)?.$schema;
    const isOlder = typeof draft === "string" && /draft-0[67]/.test(draft);
    return (isOlder ? new Ajv(options) : new Ajv2020(options)).compile(schema as SchemaObject);
  } catch (error) {
    const reason = (error as Error).message;
    throw new ManifestError("config", `the module's JSON Schema is not usable: ${reason}; correct config.schema.json and build again`);
  }
}

function problem(error: ErrorObject): ConfigProblem {
  const { keyword, params, data, instancePath } = error;
  const place = pathOf(instancePath);
  const below = (key: string): string => (place ? `${place}.${key}` : key);
  if (keyword === "required") {
    const property = (error.parentSchema as SchemaObject | undefined)?.properties?.[params.missingProperty];
    return { path: below(params.missingProperty), expected: property ? describeExpected(property) : "a value", found: "nothing" };
  }
  if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") {
    const key = params.additionalProperty ?? params.unevaluatedProperty;
    const known = Object.keys((error.parentSchema as SchemaObject | undefined)?.properties ?? {});
    const expected = known.length > 0 ? `one of the keys ${known.join(", ")}` : "no such key";
    return { path: below(key), expected, found: "an unknown key" };
  }
  if (keyword === "propertyNames") {
    const expected = describeExpected(error.schema).replace(/^a value/, "a key");
    return { path: below(params.propertyName), expected, found: shown(params.propertyName) };
  }
  const schema = keyword === "oneOf" ? { oneOf: error.schema } : { ...(error.parentSchema as SchemaObject | undefined) };
  return { path: place, expected: describeExpected(schema), found: shown(data) };
}

/** JSON Pointer to the notation in which the filters themselves complain. */
function pathOf(pointer: string): string {
  const keys = pointer
    .split("/")
    .slice(1)
    .map(key => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : `${index > 0 ? "." : ""}${key}`)).join("");
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
