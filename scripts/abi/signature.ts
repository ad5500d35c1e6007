/** A WebAssembly number type, spelled as in the text format. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref";

/** Parameter and result types of a function. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Writes a signature as `(i32, i64) -> i32`, the form that errors use. */
export function formatSignature(signature: Signature): string {
  return `(${signature.params.join(", ")}) -> ${signature.results.length === 0 ? "nothing" : signature.results.join(", ")}`;
}

/** Whether both take and return the same types. */
export function sameSignature(a: Signature, b: Signature): boolean {
  return formatSignature(a) === formatSignature(b);
}

/**
 * Reads the notation of the tables in this folder: one letter for each parameter, a colon, the results;
 * `w` is a 32-bit word (number, pointer or size), `l` a 64-bit number. `www:w` takes three words and returns one.
 */
export function parseSignature(notation: string): Signature {
  const [params = "", results = ""] = notation.split(":");
  return { params: [...params].map(valueType), results: [...results].map(valueType) };
}

function valueType(letter: string): ValueType {
  if (letter === "w") return "i32";
  if (letter === "l") return "i64";
  throw new Error(`abi: "${letter}" is no type; a table in scripts/abi may use w (i32) and l (i64)`);
}
