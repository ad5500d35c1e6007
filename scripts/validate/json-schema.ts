import { Ajv, type ValidateFunction } from "ajv";
import { type ConfigProblem, schemaProblems } from "../manifests/index.ts";
import type { Crd, Schema } from "./crds.ts";

const integer = (bits: number) =>
  ({ type: "number", validate: (value: number) => Number.isInteger(value) && Math.abs(value) < 2 ** (bits - 1) }) as const;
const ANY_NUMBER = { type: "number", validate: () => true } as const;
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: false,
  logger: false,
  formats: { int32: integer(32), int64: integer(64), double: ANY_NUMBER, float: ANY_NUMBER },
});
const compiled = new WeakMap<object, ValidateFunction>();

/** Types, limits and unknown fields. The API server drops unknown fields, or refuses them, by how it is asked; kubectl has it refuse. */
export function checkStructure({ schema }: Crd, value: unknown): ConfigProblem[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(jsonSchema({ ...schema, properties: { ...OBJECT, ...schema.properties } }));
    compiled.set(schema, validate);
  }
  return validate(value) ? [] : schemaProblems(validate.errors ?? []);
}

/** A schema of ours, for what Istio has none. */
export function checkOwn(schema: object, value: unknown): ConfigProblem[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate(value) ? [] : schemaProblems(validate.errors ?? []);
}

/** What every object has beside its own. */
const OBJECT = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: {
    type: "object",
    properties: { name: { type: "string", pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", maxLength: 253 }, namespace: { type: "string" } },
    "x-kubernetes-preserve-unknown-fields": true,
  },
} satisfies Record<string, Schema>;

/** Of OpenAPI as Kubernetes has it: what is not named is not allowed, unless the schema says so. */
function jsonSchema(schema: Schema): object {
  if (schema["x-kubernetes-int-or-string"]) return { type: ["integer", "string"] };
  const { properties, items, additionalProperties, ...rest } = schema;
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] || !properties;
  return {
    ...rest,
    ...(properties ? { properties: mapValues(properties, jsonSchema) } : {}),
    ...(items ? { items: jsonSchema(items) } : {}),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: jsonSchema(additionalProperties) }
      : isOpen
        ? {}
        : { additionalProperties: false }),
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
