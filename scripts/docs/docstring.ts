import type ts from "typescript";

/** The docstring of a declaration as its author wrote it, without the comment's stars; "" when there is none. */
export function docstring(node: ts.Node): string {
  const comment = commentOf(node);
  if (comment === null) return "";
  const lines = comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map(line => line.replace(/^\s*\* ?/, "").trimEnd());
  lines[0] = lines[0]?.trimStart() ?? "";
  return lines
    .filter(line => !line.startsWith("@"))
    .join("\n")
    .trim();
}

/** Whether a declaration is public only for other files of the SDK. */
export function isInternal(node: ts.Node): boolean {
  return /^\s*(?:\/\*\*|\*)\s*@internal\b/m.test(commentOf(node) ?? "");
}

function commentOf(node: ts.Node): string | null {
  const comments = (node as { jsDoc?: readonly ts.Node[] }).jsDoc;
  return comments?.at(-1)?.getText() ?? null;
}
