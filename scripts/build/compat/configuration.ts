import { isSyntax, type SyntaxNode } from "../compiler.ts";
import type { Edits } from "./edits.ts";
import { calledName, findAll, nameOf, part, parts } from "./syntax.ts";

/** The configuration is text. In 0.1.0 and 0.1.1, whose methods had no arguments, it was bytes; and filters of later versions took it for bytes. */
export function adaptConfiguration(statements: readonly SyntaxNode[], edits: Edits): void {
  const old = findAll(statements, "ClassDeclaration").filter(isOfBytes);
  const given = new Set(findAll(old, "Call").filter(isConfiguration));
  for (const { range } of given) {
    edits.insert(range.start, "String.UTF8.encode(");
    edits.insert(range.end, ")");
  }
  // A variable's name means another one in another function.
  const functions = [...findAll(statements, "MethodDeclaration"), ...findAll(statements, "FunctionDeclaration")];
  for (const each of functions) if (!findAll([each], "Call").some(call => given.has(call))) takeAsText(each, edits);
}

function isConfiguration(node: SyntaxNode | null): boolean {
  return isSyntax(node, "Call") && calledName(node) === "getConfiguration";
}

function isOfBytes(declaration: SyntaxNode): boolean {
  const methods = parts(declaration, "members").filter(member => isSyntax(member, "MethodDeclaration"));
  const named = (name: string): SyntaxNode | undefined => methods.find(method => nameOf(method) === name);
  const isPlain = (method: SyntaxNode | undefined): boolean =>
    method !== undefined && parts(part(method, "signature"), "parameters").length === 0;
  return !named("getConfiguration") && (isPlain(named("onConfigure")) || isPlain(named("createContext")));
}

/** `String.UTF8.decode(configuration)` of what is text. */
function takeAsText(method: SyntaxNode, edits: Edits): void {
  const variables = findAll([method], "VariableDeclaration").filter(each => isConfiguration(part(each, "initializer")));
  const names = new Set(variables.map(nameOf));
  for (const call of findAll([method], "Call")) {
    const callee = part(call, "expression");
    const [argument] = parts(call, "args");
    if (!callee || !argument || edits.text.slice(callee.range.start, callee.range.end) !== "String.UTF8.decode") continue;
    if (isConfiguration(argument) || (isSyntax(argument, "Identifier") && names.has(nameOf(argument)))) edits.replace(callee, "");
  }
}
