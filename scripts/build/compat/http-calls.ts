import { isSyntax, type SyntaxNode } from "../compiler.ts";
import type { Edits } from "./edits.ts";
import { fitParameters } from "./fit.ts";
import { HTTP_CALLBACK } from "./signatures.ts";
import { calledName, findAll, nameOf, part, parts } from "./syntax.ts";

const BASE = "CompatBaseContext";
const FIND = "compatFindContext";

/**
 * Callbacks of HTTP calls: compilers no longer take a function for one with another type of context. It gets the type that it is called with, and
 * the context under its old name and type as a variable. Once the context was its number.
 */
export function adaptHttpCalls(statements: readonly SyntaxNode[], edits: Edits): void {
  const declared = new Set<string>();
  for (const call of findAll(statements, "Call")) {
    const args = parts(call, "args");
    if (calledName(call) !== "httpCall" || args.length < 7) continue;
    const [origin, callback] = [args[5], args.at(-1)];
    if (!origin || !callback) continue;
    const named = isSyntax(callback, "Identifier");
    const declaration = named
      ? findFunction(statements, nameOf(callback))
      : isSyntax(callback, "Function")
        ? part(callback, "declaration")
        : null;
    if (!declaration) continue;
    if (byNumber(declaration)) {
      edits.insert(origin.range.start, `${FIND}(`);
      edits.insert(origin.range.end, ")");
      edits.append(`\nimport { getBaseContext as ${FIND} } from "meshwright/assembly/compat/context-access";`);
    }
    // Several calls may share a function.
    if (named && declared.has(nameOf(callback))) continue;
    if (named) declared.add(nameOf(callback));
    adaptCallback(declaration, edits);
  }
}

function findFunction(statements: readonly SyntaxNode[], name: string): SyntaxNode | null {
  return statements.find(each => isSyntax(each, "FunctionDeclaration") && nameOf(each) === name) ?? null;
}

function byNumber(declaration: SyntaxNode): boolean {
  return nameOf(part(originOf(declaration), "type")) === "u32";
}

function originOf(declaration: SyntaxNode): SyntaxNode | null {
  return parts(part(declaration, "signature"), "parameters")[0] ?? null;
}

function adaptCallback(declaration: SyntaxNode, edits: Edits): void {
  const origin = originOf(declaration);
  const [name, type, body] = [nameOf(origin), part(origin, "type"), part(declaration, "body")];
  const given = nameOf(type);
  if (origin && type && body && given !== "" && given !== "BaseContext") {
    const value = byNumber(declaration) ? `${name}_base.context_id` : `changetype<${given}>(${name}_base)`;
    edits.replace({ range: { start: origin.range.start, end: type.range.end } }, `${name}_base: ${BASE}`);
    edits.append(`\nimport { BaseContext as ${BASE} } from "meshwright/assembly/compat/base-context";`);
    if (hasBraces(body)) edits.insert(body.range.start + 1, ` let ${name} = ${value};`);
    else {
      edits.insert(body.range.start, `{ let ${name} = ${value}; `);
      edits.insert(body.range.end, "; }");
    }
  }
  // The first parameter is done; `fitParameters` leaves types alone that are no numbers.
  const rest = HTTP_CALLBACK.map((parameter, index) =>
    index === 0 ? { ...parameter, type: given === "u32" ? "u32" : parameter.type } : parameter,
  );
  fitParameters(declaration, rest, edits);
}

function hasBraces(body: SyntaxNode): boolean {
  return isSyntax(body, "Block");
}
