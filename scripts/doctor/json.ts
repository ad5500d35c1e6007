/** Looking into answers of Envoy's admin interface, of which nothing is known yet. */

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
export const asObject = (value: unknown): Json => (isObject(value) ? value : {});
export const asObjects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
export const asText = (value: unknown): string => (typeof value === "string" ? value : "");
export const asTexts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** What stands below a path of keys: `at(manager, "tracing", "provider")`; {} where the way ends. */
export function at(value: unknown, ...keys: string[]): Json {
  return asObject(keys.reduce<unknown>((found, key) => asObject(found)[key], value));
}

/** Whether a message has this type, whichever version of the API it is of. */
export function isOfType(message: Json, name: string): boolean {
  return asText(message["@type"]).endsWith(`.${name}`);
}

/** Every object below `value`, itself first. */
export function* objectsIn(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const each of value) yield* objectsIn(each);
  else if (isObject(value)) {
    yield value;
    for (const each of Object.values(value)) yield* objectsIn(each);
  }
}
