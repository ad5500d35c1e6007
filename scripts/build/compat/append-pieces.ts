import { isSyntax, type SyntaxNode } from "../compiler.ts";
import { calledName, nameOf, part, parts } from "./syntax.ts";

/** How what is appended is handed to one of assembly/compat/append.ts' functions. */
interface Piece {
  readonly function_: "append" | "appendAt" | "appendUnit";
  readonly arguments_: string;
}

/**
 * What is appended, piece by piece, where characters are among it, as in `"%" + HEX.charAt(code >> 4) + HEX.charAt(code & 15)`: then no text is
 * made for each of them. Null where there is something else whose type the syntax does not tell.
 */
export function characterPieces(more: readonly SyntaxNode[], text: string): readonly Piece[] | null {
  const pieces: Piece[] = [];
  for (const node of more.flatMap(each => operandsOf(each, text))) {
    const piece = pieceOf(node, text);
    if (!piece) return null;
    pieces.push(piece);
  }
  return pieces.some(({ function_ }) => function_ !== "append") ? pieces : null;
}

/** What is added up, in its order; what stands in brackets is one. */
export function operandsOf(node: SyntaxNode, text: string): readonly SyntaxNode[] {
  const [left, right] = [part(node, "left"), part(node, "right")];
  if (!isSyntax(node, "Binary") || !left || !right || text.slice(left.range.end, right.range.start).trim() !== "+") return [node];
  return [...operandsOf(left, text), right];
}

function pieceOf(node: SyntaxNode, text: string): Piece | null {
  const written = textOf(node, text);
  if (isSyntax(node, "Literal")) return /^["']/.test(written) ? { function_: "append", arguments_: written } : null;
  const callee = part(node, "expression");
  const object = part(callee, "expression");
  const [argument, more] = parts(node, "args");
  if (!isSyntax(node, "Call") || !isSyntax(callee, "PropertyAccess") || !object || !argument || more) return null;
  if (calledName(node) === "charAt") return { function_: "appendAt", arguments_: `${textOf(object, text)}, ${textOf(argument, text)}` };
  if (calledName(node) !== "fromCharCode" || nameOf(object) !== "String") return null;
  return { function_: "appendUnit", arguments_: textOf(argument, text) };
}

function textOf({ range }: SyntaxNode, text: string): string {
  return text.slice(range.start, range.end);
}
