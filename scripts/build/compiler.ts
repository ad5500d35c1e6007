/**
 * The parts of the AssemblyScript compiler that the build uses, with declarations of our own:
 * the compiler's replace globals such as `console` and `assert` in every file of a program that includes them.
 */

/** Anything with a name in a program; internal names are paths such as `assembly/sdk/context/BaseContext`. */
export interface Element {
  readonly internalName: string;
}

export interface File extends Element {
  readonly source: { readonly sourceKind: number; readonly text: string; readonly statements: readonly SyntaxNode[] };
  lookupExport(name: string): Element | null;
}

/** A class as declared, before type parameters are filled in. */
export interface ClassPrototype extends Element {
  readonly declaration: SyntaxNode;
  readonly basePrototype: ClassPrototype | null;
  readonly instanceMembers: ReadonlyMap<string, Element> | null;
}

/** A field, or a property with accessors; only a field has a declaration as one. */
export interface PropertyPrototype extends Element {
  readonly fieldDeclaration: object | null;
}

/** A constant of the compiler's own; the value is its representation of 64 bits. */
export interface Constant extends Element {
  constantIntegerValue: object;
}

/** A variable at the top level of a file; the initializer and the range are nodes of the compiler's own. */
export interface Variable extends Element {
  readonly declaration: { initializer: object; readonly range: object };
}

export interface Program {
  readonly elementsByName: ReadonlyMap<string, Element>;
  readonly filesByName: ReadonlyMap<string, File>;
}

export interface MessageStream {
  write(chunk: Uint8Array | string): void;
  toString(): string;
}

/** What the compiler's command line gets instead of files and output. */
export interface CompilerHooks {
  readonly stdout: MessageStream;
  readonly stderr: MessageStream;
  readonly readFile: (path: string, baseFolder: string) => Promise<string | null>;
  readonly writeFile: (path: string, contents: Uint8Array | string) => void;
  readonly listFiles: () => string[];
  readonly transforms: readonly object[];
}

interface CommandLine {
  readonly version: string;
  readonly libraryFiles: Readonly<Record<string, string>>;
  createMemoryStream(): MessageStream;
  main(args: readonly string[], hooks: CompilerHooks): Promise<{ error: Error | null }>;
}

type ClassOf<T> = abstract new (...args: never[]) => T;

/** A piece of source as the compiler parses it; what else it has depends on its kind. */
export interface SyntaxNode {
  readonly kind: number;
  readonly range: { readonly start: number; readonly end: number };
  readonly [part: string]: unknown;
}

interface Parser {
  readonly sources: readonly { readonly statements: readonly SyntaxNode[] }[];
  parseFile(text: string, path: string, isEntry: boolean): void;
}

interface Internals {
  readonly Parser: new () => Parser;
  readonly NodeKind: Readonly<Record<SyntaxKind, number>>;
  readonly Token: Readonly<Record<string, number>>;
  readonly LiteralKind: Readonly<Record<"Float" | "Integer" | "String", number>>;
  readonly CommonFlags: Readonly<Record<"Static", number>>;
  readonly ClassPrototype: ClassOf<ClassPrototype>;
  readonly PropertyPrototype: ClassOf<PropertyPrototype>;
  readonly Node: { createFalseExpression(range: object): object };
}

/** Kinds of syntax that the build looks at, by the compiler's names. */
export type SyntaxKind =
  | "Binary"
  | "Block"
  | "Call"
  | "ClassDeclaration"
  | "Do"
  | "Expression"
  | "False"
  | "FieldDeclaration"
  | "For"
  | "Function"
  | "FunctionDeclaration"
  | "Identifier"
  | "If"
  | "Import"
  | "InterfaceDeclaration"
  | "Literal"
  | "MethodDeclaration"
  | "NamedType"
  | "New"
  | "Null"
  | "Parenthesized"
  | "PropertyAccess"
  | "Return"
  | "Super"
  | "Switch"
  | "Ternary"
  | "This"
  | "True"
  | "UnaryPostfix"
  | "UnaryPrefix"
  | "Variable"
  | "VariableDeclaration"
  | "While";

/** SourceKind.UserEntry: a file that was named on the compiler's command line. */
export const USER_ENTRY = 1;

// Names in variables keep TypeScript from reading the declarations.
const [commandLine, internals]: readonly string[] = ["assemblyscript/asc", "assemblyscript"];

/** The compiler's command line as a function. */
export const asc: CommandLine = await import(String(commandLine));

/** What the internal names of the standard library begin with. */
export const LIBRARY: readonly string[] = Object.keys(asc.libraryFiles).map(file => `~lib/${file}/`);

const program: Internals = await import(String(internals));

/** The statements of a file; null for source that is not even syntax. */
export function parseSource(text: string, path: string): readonly SyntaxNode[] | null {
  const parser = new program.Parser();
  try {
    parser.parseFile(text, path, true);
  } catch {
    return null;
  }
  return parser.sources[0]?.statements ?? null;
}

export function isSyntax(value: unknown, kind: SyntaxKind): value is SyntaxNode {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === program.NodeKind[kind];
}

const COMPARISONS = /^(?:Equals_Equals|Exclamation_Equals|LessThan_Equals|GreaterThan_Equals)/;
const ASSIGNMENTS = new Set(
  Object.keys(program.Token)
    .filter(name => /(?:^|_)Equals$/.test(name) && !COMPARISONS.test(name))
    .concat("Plus_Plus", "Minus_Minus")
    .map(name => program.Token[name]),
);

/** Whether an expression writes to what it has on its left, or as its operand. */
export function assigns(node: SyntaxNode | null): boolean {
  return node !== null && ASSIGNMENTS.has(node.operator as number);
}

export function isStatic(declaration: SyntaxNode): boolean {
  return ((declaration.flags as number) & program.CommonFlags.Static) !== 0;
}

/** Whether it is a number or a text, which cannot change. */
export function isSimpleLiteral(node: SyntaxNode | null): boolean {
  const { LiteralKind } = program;
  const simple = [LiteralKind.Float, LiteralKind.Integer, LiteralKind.String];
  return isSyntax(node, "Literal") && simple.includes(node.literalKind as number);
}

export function isClassPrototype(element: Element): element is ClassPrototype {
  return element instanceof program.ClassPrototype;
}

export function isConstant(element: Element): element is Constant {
  return "constantIntegerValue" in element && typeof element.constantIntegerValue === "object";
}

export function isVariable(element: Element): element is Variable {
  return (
    "declaration" in element &&
    typeof element.declaration === "object" &&
    element.declaration !== null &&
    "initializer" in element.declaration
  );
}

/** The expression `false`, as if it stood at that place. */
export function falseAt(range: object): object {
  return program.Node.createFalseExpression(range);
}

export function isPropertyPrototype(element: Element): element is PropertyPrototype {
  return element instanceof program.PropertyPrototype;
}
