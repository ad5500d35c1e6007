import { isSyntax, parseSource, type SyntaxNode } from "../compiler.ts";
import { characterPieces, operandsOf } from "./append-pieces.ts";
import { Edits } from "./edits.ts";
import { findAll, nameOf, part, parts } from "./syntax.ts";

const FUNCTIONS = { append: "compatAppend", appendAt: "compatAppendAt", appendUnit: "compatAppendUnit" } as const;
const NAMES = Object.entries(FUNCTIONS).map(([name, here]) => `${name} as ${here}`);
const IMPORT = `\nimport { ${NAMES.join(", ")} } from "meshwright/assembly/compat/append";`;
const LOOPS = ["For", "While", "Do"] as const;

/** `name += more` as a statement of its own. */
interface Site {
  readonly name: string;
  readonly statement: SyntaxNode;
  readonly expression: SyntaxNode;
  /** Where what is appended begins. */
  readonly more: number;
  /** The same as the operands of its sum. */
  readonly operands: readonly SyntaxNode[];
  /** Where the statement names the text. */
  readonly named: readonly SyntaxNode[];
}

/**
 * Has loops append to a text in place: see assembly/compat/append.ts. They are those that do nothing else with a local variable than append to
 * it, so that in a loop nobody else can have the text that it has made. What was there before the loop is copied.
 */
export function appendInPlace(text: string, path: string): string {
  if (!/\+/.test(text) || !/\b(?:for|while)\b/.test(text)) return text;
  const statements = parseSource(text, path);
  if (!statements) return text;
  const edits = new Edits(text);
  const found: { readonly loop: SyntaxNode; readonly sites: readonly Site[] }[] = [];
  const taken = new Set<SyntaxNode>();
  for (const each of functionsIn(statements)) {
    for (const loop of loopsIn(each)) {
      const free = sitesIn(loop, text).filter(site => !taken.has(site.statement));
      for (const name of new Set(free.map(site => site.name))) {
        const sites = free.filter(site => site.name === name);
        if (!isText(each, name, loop, text) || !isOnlyAppended(loop, sites)) continue;
        for (const site of sites) taken.add(site.statement);
        found.push({ loop, sites });
      }
    }
  }
  // Where both end together, the statement's end comes first.
  found.forEach(({ sites }, index) => {
    const own = `compatOwn${index}`;
    for (const { name, expression, more, operands } of sites) {
      // Lines keep their numbers.
      const oneLine = !text.slice(expression.range.start, expression.range.end).includes("\n");
      const pieces = oneLine ? characterPieces(operands, text) : null;
      const owned = `${own} = changetype<usize>(${name})`;
      if (pieces) {
        const calls = pieces.map(piece => `${name} = ${FUNCTIONS[piece.function_]}(${name}, ${piece.arguments_}, ${own}), ${owned}`);
        edits.replace(expression, calls.join(", "));
        continue;
      }
      edits.replace({ range: { start: expression.range.start, end: more } }, `${name} = ${FUNCTIONS.append}(${name}, `);
      edits.insert(expression.range.end, `, ${own}), ${owned}`);
    }
  });
  found.forEach(({ loop: { range } }, index) => {
    edits.insert(range.start, `{ let compatOwn${index}: usize = 0; `);
    edits.insert(range.end + (/^\s*;/.exec(text.slice(range.end))?.[0].length ?? 0), " }");
  });
  if (found.length > 0) edits.append(IMPORT);
  return edits.apply();
}

function functionsIn(statements: readonly SyntaxNode[]): SyntaxNode[] {
  return [...findAll(statements, "MethodDeclaration"), ...findAll(statements, "FunctionDeclaration")];
}

/** The loops of a function itself, outer ones first. */
function loopsIn(function_: SyntaxNode): SyntaxNode[] {
  const inner = findAll([function_], "FunctionDeclaration").filter(each => each !== function_);
  return LOOPS.flatMap(kind => findAll([function_], kind))
    .filter(({ range }) => !inner.some(each => each.range.start <= range.start && each.range.end >= range.end))
    .sort((a, b) => a.range.start - b.range.start);
}

/** `name += more` and `name = name + more + …`. */
function sitesIn(loop: SyntaxNode, text: string): Site[] {
  return findAll([loop], "Expression").flatMap(statement => {
    const expression = part(statement, "expression");
    const [left, right] = [part(expression, "left"), part(expression, "right")];
    if (!isSyntax(expression, "Binary") || !isSyntax(left, "Identifier") || !right) return [];
    const site = { name: nameOf(left), statement, expression };
    if (between(left, right, text) === "+=")
      return [{ ...site, more: right.range.start, operands: operandsOf(right, text), named: [left] }];
    const first = between(left, right, text) === "=" ? firstOf(right, text) : null;
    if (!isSyntax(first, "Identifier") || nameOf(first) !== site.name) return [];
    return [{ ...site, more: text.indexOf("+", first.range.end) + 1, operands: operandsOf(right, text).slice(1), named: [left, first] }];
  });
}

/** The first of several that are added up; null when it is none of several. */
function firstOf(sum: SyntaxNode, text: string): SyntaxNode | null {
  const [left, right] = [part(sum, "left"), part(sum, "right")];
  if (!isSyntax(sum, "Binary") || !left || !right || !/^\)*\s*\+\s*\(*$/.test(text.slice(left.range.end, right.range.start))) return null;
  return isSyntax(left, "Binary") ? firstOf(left, text) : left;
}

function between(left: SyntaxNode, right: SyntaxNode, text: string): string {
  return text.slice(left.range.end, right.range.start).trim();
}

/** Whether a name is one variable of a function, declared outside of the loop, that holds text. */
function isText(function_: SyntaxNode, name: string, { range }: SyntaxNode, text: string): boolean {
  const parameters = parts(part(function_, "signature"), "parameters");
  const declared = [...findAll([function_], "VariableDeclaration"), ...parameters].filter(each => nameOf(each) === name);
  const [only] = declared;
  if (!only || declared.length > 1 || (only.range.start >= range.start && only.range.end <= range.end)) return false;
  const [type, initial] = [part(only, "type"), part(only, "initializer")];
  if (type && nameOf(type) !== "") return /^string$/i.test(text.slice(type.range.start, type.range.end));
  return initial !== null && isSyntax(initial, "Literal") && /^["'`]/.test(text.slice(initial.range.start));
}

/** Whether a loop says the name nowhere else. */
function isOnlyAppended(loop: SyntaxNode, sites: readonly Site[]): boolean {
  const known = new Set(sites.flatMap(({ named }) => named));
  return findAll([loop], "Identifier").every(each => nameOf(each) !== sites[0]?.name || known.has(each));
}
