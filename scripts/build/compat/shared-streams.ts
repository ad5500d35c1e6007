import { assigns, isSimpleLiteral, isStatic, isSyntax, type SyntaxNode } from "../compiler.ts";
import type { Usage, UserClass } from "../usage.ts";
import { STAND_IN } from "./packages.ts";
import { findAll, nameOf, part, parts } from "./syntax.ts";

/** What gets hold of the context of a certain stream, or has the answer to a call come to it. */
const HOLDS_CONTEXT =
  /\b(?:httpCall|compatCall|compatCallByNumber|grpc_call|grpc_stream|getContext|getBaseContext|ensureContext|deleteContext)\b|\.createContext\b/;
/** Higress' root contexts may be one object for several configurations. */
const HIGRESS = /@higress\/|\/compat\/higress\//;
const ROOT_CONTEXT = "RootContext";
/** Parameters of a constructor, or of the function that calls it, by their names. */
type Names = ReadonlySet<string>;

/**
 * Whether one context can serve all streams of a root context, as nobody could tell the difference: contexts are made in the plainest way, have
 * no fields that change, and are never handed on. `texts` are those of the filter. What is not known to be so counts as if it were not.
 */
export function canShareStreams({ classes, overrides }: Usage, texts: readonly string[]): boolean {
  if (texts.some(text => HIGRESS.test(text) || (HOLDS_CONTEXT.test(text) && !STAND_IN.test(text)))) return false;
  if ([...overrides].some(name => name.startsWith("root.on_grpc_"))) return false;
  const named = (kind: string): string[] => classes.filter(each => each.kind === kind).map(({ declaration }) => nameOf(declaration));
  const [roots, streams] = [new Set([ROOT_CONTEXT, ...named("root")]), new Set(named("stream"))];
  return classes.every(each => (each.kind === "root" ? makesPlainly(each, streams) : isConstant(each, roots)));
}

// Root contexts: `createContext(id) { return new Stream(id, this); }` --------------------------------------------------

function makesPlainly({ declaration }: UserClass, streams: Names): boolean {
  const method = parts(declaration, "members").find(member => isSyntax(member, "MethodDeclaration") && nameOf(member) === "createContext");
  if (!method) return true;
  const body = parts(part(method, "body"), "statements");
  const [only] = body;
  if (body.length !== 1 || !isSyntax(only, "Return")) return false;
  const made = unwrapped(part(only, "value"));
  if (!made || !isSyntax(made, "New") || !streams.has(simpleName(part(made, "typeName")))) return false;
  const own = parametersOf(method);
  return parts(made, "args").every(argument => isSyntax(argument, "This") || own.has(identifier(argument)));
}

/** `ContextHelper.wrap(…)`, which answers what it gets, around what matters. */
function unwrapped(value: SyntaxNode | null): SyntaxNode | null {
  const [argument, ...more] = parts(value, "args");
  const callee = part(value, "expression");
  const wraps =
    isSyntax(callee, "PropertyAccess") &&
    identifier(part(callee, "expression")) === "ContextHelper" &&
    nameOf(part(callee, "property")) === "wrap";
  return isSyntax(value, "Call") && wraps && argument && more.length === 0 ? argument : value;
}

// Streams ------------------------------------------------------------------------------------------------------------

/** Whether nothing of the context changes after it was made, and nobody gets it. */
function isConstant({ declaration }: UserClass, roots: Names): boolean {
  return parts(declaration, "members").every(member => {
    if (isSyntax(member, "FieldDeclaration"))
      return isStatic(member) || !part(member, "initializer") || isValue(part(member, "initializer"));
    if (!isSyntax(member, "MethodDeclaration")) return false;
    return nameOf(member) === "constructor" ? constructsPlainly(member, roots) : keepsToItself(member);
  });
}

/** `super(…); this.root = root;`: a field takes nothing but a root context, and the numbers of streams go no further than to the SDK. */
function constructsPlainly(method: SyntaxNode, roots: Names): boolean {
  const parameters = parts(part(method, "signature"), "parameters");
  const rootsGiven = new Set(parameters.filter(each => roots.has(simpleName(part(part(each, "type"), "name")))).map(nameOf));
  const given = parametersOf(method);
  const isGiven = (value: SyntaxNode | null): boolean => given.has(identifier(value)) || isValue(value);
  // `constructor(private root: Root)` is a field.
  if (parameters.some(each => each.implicitFieldDeclaration && !rootsGiven.has(nameOf(each)))) return false;
  return parts(part(method, "body"), "statements").every(statement => {
    const expression = isSyntax(statement, "Expression") ? part(statement, "expression") : null;
    if (isSyntax(expression, "Call")) return isSyntax(part(expression, "expression"), "Super") && parts(expression, "args").every(isGiven);
    const target = part(expression, "left");
    return assigns(expression) && isOwnProperty(target) && rootsGiven.has(identifier(part(expression, "right")));
  });
}

/** Whether a method writes to no field, and uses `this` for nothing but what is its own. */
function keepsToItself(method: SyntaxNode): boolean {
  const nodes = ["Binary", "UnaryPrefix", "UnaryPostfix"] as const;
  const written = nodes.flatMap(kind => findAll([method], kind)).filter(assigns);
  if (written.some(each => isOwnProperty(inner(part(each, "left") ?? part(each, "operand"))))) return false;
  const owners = new Set(findAll([method], "PropertyAccess").map(each => part(each, "expression")));
  return findAll([method], "This").every(each => owners.has(each));
}

function isOwnProperty(node: SyntaxNode | null): boolean {
  const owner = isSyntax(node, "PropertyAccess") ? inner(part(node, "expression")) : null;
  return isSyntax(owner, "This") || isSyntax(owner, "Super");
}

function inner(node: SyntaxNode | null): SyntaxNode | null {
  return isSyntax(node, "Parenthesized") ? inner(part(node, "expression")) : node;
}

function isValue(node: SyntaxNode | null): boolean {
  return isSyntax(node, "True") || isSyntax(node, "False") || isSyntax(node, "Null") || isSimpleLiteral(node);
}

function parametersOf(method: SyntaxNode): Names {
  return new Set(parts(part(method, "signature"), "parameters").map(nameOf));
}

/** The text of an identifier that stands alone; "" for anything else, which no parameter is called. */
function identifier(node: SyntaxNode | null): string {
  return isSyntax(node, "Identifier") ? nameOf(node) : "";
}

/** The name of a type that is one word. */
function simpleName(type: SyntaxNode | null): string {
  return type && !part(type, "next") ? nameOf(type) : "";
}
