import { isSyntax, parseSource, type SyntaxNode } from "../compiler.ts";
import { Edits } from "./edits.ts";
import { calledName, findAll, nameOf, part, parts } from "./syntax.ts";

const MAKE = "compatMakeRoot";
const REGISTER = "compatRegisterRoot";
const HOLD = "compatHold";
const MAKERS: readonly string[] = ["SetCtx", "setRootContext"];
const CONVERSION = /^changetype<\s*usize\s*>\s*\(/;

/** Whether a file may have something of what `adaptHigress` changes; most have not, and need not be parsed. */
export function looksHigress(text: string): boolean {
  return /\b(?:SetCtx|setRootContext|SetContext)\b/.test(text);
}

/**
 * Plugins for Higress' SDK make their one root context when the module is loaded: the call becomes a function, which makes one for each
 * configuration. And they keep objects of a stream as numbers, which the garbage collector does not see: those are held with the stream.
 */
export function adaptHigress(text: string, path: string): string {
  const statements = parseSource(text, path);
  if (!statements) return text;
  const edits = new Edits(text);
  for (const statement of statements) registerMaker(statement, edits);
  const kept = findAll(statements, "Call").flatMap(call => keptBy(call, statements));
  // Several calls may hand over the same variable.
  for (const value of new Set(kept)) holdObject(value, edits);
  return edits.apply();
}

function registerMaker(statement: SyntaxNode, edits: Edits): void {
  const expression = isSyntax(statement, "Expression") ? part(statement, "expression") : null;
  if (!expression || !isSyntax(expression, "Call") || !MAKERS.includes(calledName(expression))) return;
  edits.insert(expression.range.start, `function ${MAKE}(): void { `);
  edits.insert(expression.range.end, `; } ${REGISTER}(${MAKE})`);
  edits.append(`\nimport { registerRootMaker as ${REGISTER} } from "meshwright/assembly/compat/higress/contexts";`);
}

/** What a stream is to keep: converted where it is handed over, or for a variable that is. */
function keptBy(call: SyntaxNode, statements: readonly SyntaxNode[]): (SyntaxNode | null)[] {
  const [, value] = parts(call, "args");
  if (calledName(call) !== "SetContext" || !value) return [];
  if (!isSyntax(value, "Identifier")) return [value];
  const variables = findAll(statements, "VariableDeclaration").filter(each => nameOf(each) === nameOf(value));
  return variables.map(each => part(each, "initializer"));
}

function holdObject(value: SyntaxNode | null, edits: Edits): void {
  const conversion = value && CONVERSION.exec(edits.text.slice(value.range.start, value.range.end))?.[0];
  if (!value || !conversion) return;
  const { start } = value.range;
  edits.replace({ range: { start, end: start + conversion.length } }, `${HOLD}(`);
  edits.append(`\nimport { hold as ${HOLD} } from "meshwright/assembly/compat/higress/held";`);
}
