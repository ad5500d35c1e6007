import type { SyntaxNode } from "../compiler.ts";
import type { Edits } from "./edits.ts";
import type { Parameter } from "./signatures.ts";
import { nameOf, part, parts } from "./syntax.ts";

/** Gives a function the parameters that it is called with. */
export function fitParameters(declaration: SyntaxNode, wanted: readonly Parameter[], edits: Edits): void {
  const signature = part(declaration, "signature");
  const given = parts(signature, "parameters");
  given.slice(0, wanted.length).forEach((parameter, index) => {
    const type = part(parameter, "type");
    if (type && nameOf(type) !== "" && nameOf(type) !== wanted[index]?.type && isNumber(nameOf(type)))
      edits.replace(type, wanted[index]?.type ?? "");
  });
  const missing = wanted.slice(given.length).map(({ name, type }) => `compat_${name}: ${type}`);
  if (missing.length === 0 || !signature) return;
  const last = given.at(-1);
  const ends = last ? [last, part(last, "type"), part(last, "initializer")].map(each => each?.range.end ?? 0) : [];
  if (last) edits.insert(Math.max(...ends), `, ${missing.join(", ")}`);
  else edits.insert(edits.text.indexOf("(", signature.range.start) + 1, missing.join(", "));
}

/** Types that fit each other without a word. */
export function isNumber(type: string): boolean {
  return /^(?:[iu](?:8|16|32|64)|[iu]size|bool|boolean|number)$/.test(type);
}
