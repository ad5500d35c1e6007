import { isObject } from "./json.ts";

/** Names of protobuf's fields in JSON; no name that contains dots, dashes or only capitals is one. */
const FIELD = /^[a-z][a-z0-9]*([A-Z][a-z0-9]*)+$/;

/** The same value with its fields named as Envoy's admin interface does: istioctl prints `filterChains`, Envoy `filter_chains`. */
export function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [FIELD.test(key) ? snake(key) : key, snakeCase(each)]));
}

const snake = (key: string): string => key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
