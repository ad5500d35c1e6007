import { Ajv, type SchemaObject } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ManifestError } from "./request.ts";
import { type ConfigProblem, schemaProblems } from "./schema-problems.ts";

/** Compares a plugin configuration with the JSON Schema that a module carries. */
export function checkPluginConfig(schema: unknown, config: unknown): ConfigProblem[] {
  const validate = compile(schema);
  if (validate(config)) return [];
  return schemaProblems(validate.errors ?? []);
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
