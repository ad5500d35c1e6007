/** The part of CEL that filters use: literals, attributes by their path, comparisons, logic, `in`, and a few functions. */
export { evaluate } from "./evaluate.ts";
export { compile } from "./parse.ts";
export type { Expression } from "./tree.ts";
