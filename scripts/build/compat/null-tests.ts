import { isSyntax, type SyntaxNode } from "../compiler.ts";
import { findAll, nameOf, part } from "./syntax.ts";

/** The names of fields and variables that a source tests for null: `if (this.name)`, `!name`, `a.name != null && …`. */
export function namesTestedForNull(statements: readonly SyntaxNode[], text: string): Set<string> {
  const conditions = [...findAll(statements, "If"), ...findAll(statements, "Ternary")].map(node => part(node, "condition"));
  const negated = findAll(statements, "UnaryPrefix").map(node => part(node, "operand"));
  const compared = findAll(statements, "Binary").flatMap(node => {
    const [left, right] = [part(node, "left"), part(node, "right")];
    const joins = /^\s*(?:&&|\|\|)/.test(text.slice(left?.range.end));
    if (isSyntax(right, "Null")) return [left];
    if (isSyntax(left, "Null")) return [right];
    return joins ? [left, right] : [];
  });
  return new Set([...conditions, ...negated, ...compared].map(fieldOf).filter(name => name !== ""));
}

function fieldOf(node: SyntaxNode | null): string {
  if (isSyntax(node, "Parenthesized")) return fieldOf(part(node, "expression"));
  if (isSyntax(node, "PropertyAccess")) return nameOf(part(node, "property"));
  return isSyntax(node, "Identifier") ? nameOf(node) : "";
}
