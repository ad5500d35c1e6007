/** Looking into documents of which nothing is known yet. */

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const asObject = (value: unknown): Json => (isObject(value) ? value : {});
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** Every value below `value`, itself first, with its path. */
export function* walk(
  value: unknown,
  keys: readonly (string | number)[] = [],
): Generator<{ value: unknown; keys: readonly (string | number)[] }> {
  yield { value, keys };
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* walk(item, [...keys, index]);
  else if (isObject(value)) for (const [key, each] of Object.entries(value)) yield* walk(each, [...keys, key]);
}
