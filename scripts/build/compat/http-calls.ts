import { isSyntax, type SyntaxNode } from "../compiler.ts";
import type { Edits } from "./edits.ts";
import { fitParameters, isNumber } from "./fit.ts";
import { HTTP_CALLBACK } from "./signatures.ts";
import { calledName, findAll, nameOf, part, parts } from "./syntax.ts";

const BASE = "CompatBaseContext";
const CALLBACK = "CompatHttpCallback";
/** Of Higress' there is one more. */
const ARGUMENTS = 7;

/**
 * Callbacks of HTTP calls: compilers no longer take a function for one with another type of context. One that stands in the call gets the type
 * that it is called with, and the context under its old name and type as a variable. One that stands elsewhere is taken as it is: contexts and
 * numbers are alike to the machine. Once the context was its number.
 */
export function adaptHttpCalls(statements: readonly SyntaxNode[], edits: Edits): void {
  // A method of the filter's own may have that name.
  if (findAll(statements, "MethodDeclaration").some(each => nameOf(each) === "httpCall")) return;
  for (const call of findAll(statements, "Call")) {
    const args = parts(call, "args");
    const callback = args.at(-1);
    if (calledName(call) !== "httpCall" || args.length < ARGUMENTS || !callback) continue;
    if (!isSyntax(callback, "Function")) {
      if (args.length === ARGUMENTS) takeAsItIs(call, callback, edits);
      continue;
    }
    const declaration = part(callback, "declaration") ?? callback;
    if (!byNumber(declaration)) giveBase(declaration, edits);
    else rename(call, "compatCallByNumber", edits);
    fitParameters(declaration, wantedOf(declaration), edits);
  }
}

function takeAsItIs(call: SyntaxNode, callback: SyntaxNode, edits: Edits): void {
  rename(call, "compatCall", edits);
  edits.insert(callback.range.start, `changetype<${CALLBACK}>(`);
  edits.insert(callback.range.end, ")");
  edits.append(`\nimport { HttpCallbackFunction as ${CALLBACK} } from "meshwright/assembly/compat/solo/contexts";`);
}

function rename(call: SyntaxNode, name: string, edits: Edits): void {
  const method = part(part(call, "expression"), "property");
  if (method) edits.replace(method, name);
}

function originOf(declaration: SyntaxNode): SyntaxNode | null {
  return parts(part(declaration, "signature"), "parameters")[0] ?? null;
}

function byNumber(declaration: SyntaxNode): boolean {
  return isNumber(nameOf(part(originOf(declaration), "type")));
}

/** `fitParameters` leaves types alone that are no numbers. */
function wantedOf(declaration: SyntaxNode): typeof HTTP_CALLBACK {
  const [origin, ...rest] = HTTP_CALLBACK;
  return origin && byNumber(declaration) ? [{ ...origin, type: nameOf(part(originOf(declaration), "type")) }, ...rest] : HTTP_CALLBACK;
}

function giveBase(declaration: SyntaxNode, edits: Edits): void {
  const origin = originOf(declaration);
  const [name, type, body] = [nameOf(origin), part(origin, "type"), part(declaration, "body")];
  const given = nameOf(type);
  if (!origin || !type || !body || given === "" || given === "BaseContext") return;
  const value = `changetype<${given}>(${name}_base)`;
  edits.replace({ range: { start: origin.range.start, end: type.range.end } }, `${name}_base: ${BASE}`);
  edits.append(`\nimport { BaseContext as ${BASE} } from "meshwright/assembly/compat/base-context";`);
  const inside = body.range;
  if (isSyntax(body, "Block")) edits.insert(inside.start + 1, ` let ${name} = ${value};`);
  else {
    edits.insert(inside.start, `{ let ${name} = ${value}; `);
    edits.insert(inside.end, "; }");
  }
}
