import { isSyntax, type SyntaxKind, type SyntaxNode } from "../compiler.ts";

/** All nodes of a kind below these, outer ones first. */
export function findAll(roots: readonly SyntaxNode[], kind: SyntaxKind): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (const node of nodesBelow(roots)) if (isSyntax(node, kind)) found.push(node);
  return found;
}

function* nodesBelow(roots: readonly SyntaxNode[]): Generator<SyntaxNode> {
  const seen = new Set<object>();
  const queue: unknown[] = [...roots];
  for (let value = queue.shift(); value !== undefined; value = queue.shift()) {
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) {
      queue.unshift(...value);
      continue;
    }
    if (!("kind" in value && "range" in value)) continue;
    const node = value as SyntaxNode;
    yield node;
    queue.unshift(...Object.entries(node).flatMap(([name, part]) => (LINKS.has(name) ? [] : [part])));
  }
}

/** Parts of a node that are not below it. */
const LINKS: ReadonlySet<string> = new Set(["range", "source", "parent"]);

/** The parts of a node by name; the names are the compiler's. */
export function part(node: SyntaxNode | null, name: string): SyntaxNode | null {
  const value = node?.[name];
  return typeof value === "object" && value !== null && "kind" in value ? (value as SyntaxNode) : null;
}

export function parts(node: SyntaxNode | null, name: string): readonly SyntaxNode[] {
  const value = node?.[name];
  return Array.isArray(value) ? value : [];
}

/** The text of an identifier, or of the name of a declaration or of a type; "" when it has none. */
export function nameOf(node: SyntaxNode | null): string {
  if (typeof node?.text === "string") return node.text;
  const name = part(node, "name") ?? part(node, "identifier");
  return name ? nameOf(name) : "";
}

/** The method that a call names, as in `a.b.method(…)` or `method(…)`. */
export function calledName(call: SyntaxNode): string {
  const callee = part(call, "expression");
  return isSyntax(callee, "PropertyAccess") ? nameOf(part(callee, "property")) : isSyntax(callee, "Identifier") ? nameOf(callee) : "";
}
