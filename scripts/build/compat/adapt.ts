import { isSyntax, parseSource, type SyntaxNode } from "../compiler.ts";
import { Edits } from "./edits.ts";
import { fitParameters, isNumber } from "./fit.ts";
import { adaptHttpCalls } from "./http-calls.ts";
import { FACTORY, parametersOf } from "./signatures.ts";
import { calledName, findAll, nameOf, part, parts } from "./syntax.ts";

/** What the compiler held against source that was written for an older one. */
export interface Adaptation {
  /** Fields that no constructor sets, as `Class#field`. */
  readonly uninitialised: ReadonlySet<string>;
  /** Whether a global variable has no value at its declaration. */
  readonly globals: boolean;
  /** Whether the source takes the configuration for bytes, which it was once. */
  readonly configurationBytes: boolean;
}

/** Reads the compiler's messages, and keeps what it said `before`. */
export function readComplaints(messages: string, before: Adaptation | null): Adaptation {
  const fields = messages.matchAll(/TS2564: Property '([^']+#[^']+)' has no initializer/g);
  return {
    uninitialised: new Set([...(before?.uninitialised ?? []), ...Array.from(fields, ([, name]) => withoutPath(name ?? ""))]),
    globals: before?.globals || messages.includes("Initializer, definitive assignment or nullable type expected"),
    configurationBytes:
      before?.configurationBytes || /Type '~lib\/string\/String' is not assignable to type '~lib\/arraybuffer\/ArrayBuffer'/.test(messages),
  };
}

/** `Class#field` of `folder/file/Class<folder/file/Other>#field`. */
function withoutPath(property: string): string {
  return property.replace(/<.*>(?=#)/, "").replace(/^.*\//, "");
}

/** Whether two rounds would change the same. */
export function sameAdaptation(a: Adaptation, b: Adaptation): boolean {
  return a.uninitialised.size === b.uninitialised.size && a.globals === b.globals && a.configurationBytes === b.configurationBytes;
}

/** Changes source for older versions of the SDK and of the compiler so that today's takes it, with the same meaning. */
export function adapt(text: string, path: string, adaptation: Adaptation): string {
  const statements = parseSource(text, path);
  if (!statements) return text;
  const edits = new Edits(text);
  for (const node of findAll(statements, "ClassDeclaration")) adaptClass(node, edits, adaptation);
  if (adaptation.globals) initialiseGlobals(statements, edits);
  if (adaptation.configurationBytes) {
    // A variable's name means another one in another function.
    const functions = [...findAll(statements, "MethodDeclaration"), ...findAll(statements, "FunctionDeclaration")];
    for (const each of functions) takeConfigurationAsText([each], edits);
  }
  adaptFactories(statements, edits);
  adaptHttpCalls(statements, edits);
  dropImports(statements, edits);
  return edits.apply();
}

function adaptClass(node: SyntaxNode, edits: Edits, { uninitialised }: Adaptation): void {
  const name = nameOf(node);
  for (const member of parts(node, "members")) {
    if (isSyntax(member, "FieldDeclaration")) {
      if (part(node, "extendsType") && nameOf(member) === "root_context") narrowRoot(node, member, edits);
      else if (uninitialised.has(`${name}#${nameOf(member)}`)) initialise(member, edits);
    } else if (isSyntax(member, "MethodDeclaration") && part(node, "extendsType")) {
      const wanted = parametersOf(nameOf(member));
      if (wanted) fitParameters(member, wanted, edits);
      if (ANSWERS_BOOL.includes(nameOf(member))) answerTrue(member, edits);
    }
  }
}

/** Methods that answer whether all is well; compilers once took ones that answer nothing. */
const ANSWERS_BOOL: readonly string[] = ["onDone", "onStart", "onConfigure", "validateConfiguration"];

function answerTrue(method: SyntaxNode, edits: Edits): void {
  const [type, body] = [part(part(method, "signature"), "returnType"), part(method, "body")];
  if (!type || nameOf(type) !== "void" || !isSyntax(body, "Block")) return;
  edits.replace(type, "bool");
  for (const each of findAll([body], "Return")) if (!part(each, "value")) edits.replace(each, "return true");
  edits.insert(body.range.end - 1, " return true; ");
}

/** A field of a type that has no value of its own: text is empty, anything else is set before it is read, which the program then checks. */
function initialise(field: SyntaxNode, edits: Edits): void {
  const type = part(field, "type");
  if (!type || part(field, "initializer")) return;
  if (nameOf(type) === "string" || nameOf(type) === "String") edits.insert(type.range.end, ' = ""');
  else edits.insert(part(field, "name")?.range.end ?? type.range.start, "!");
}

/** Once a subclass could have a field of the same name and a narrower type; now it can have a getter of that type. */
function narrowRoot(node: SyntaxNode, field: SyntaxNode, edits: Edits): void {
  const type = part(field, "type");
  if (!type) return;
  const name = edits.text.slice(type.range.start, type.range.end).replace(/\s*\|\s*null$/, "");
  const end = field.range.end + (/^\s*;/.exec(edits.text.slice(field.range.end))?.[0].length ?? 0);
  edits.replace(
    { range: { start: field.range.start, end } },
    `get root_context(): ${name} { return changetype<${name}>(this.compatRoot); }`,
  );
  for (const assignment of findAll([node], "Binary")) {
    const target = part(assignment, "left");
    const property = part(target, "property");
    const operator = edits.text.slice(target?.range.end, part(assignment, "right")?.range.start).trim();
    if (isSyntax(part(target, "expression"), "This") && property && nameOf(property) === "root_context" && operator === "=")
      edits.replace(property, "compatRoot");
  }
}

function adaptFactories(statements: readonly SyntaxNode[], edits: Edits): void {
  for (const call of findAll(statements, "Call")) {
    if (calledName(call) !== "registerRootContext") continue;
    const [factory] = parts(call, "args");
    if (isSyntax(factory, "Function")) fitParameters(part(factory, "declaration") ?? factory, FACTORY, edits);
  }
}

function initialiseGlobals(statements: readonly SyntaxNode[], edits: Edits): void {
  for (const statement of statements.filter(each => isSyntax(each, "Variable"))) {
    for (const variable of parts(statement, "declarations")) {
      const [name, type] = [part(variable, "name"), part(variable, "type")];
      if (!name || !type || part(variable, "initializer") || isNumber(nameOf(type))) continue;
      if (edits.text.slice(name.range.end, type.range.start).includes("!")) continue;
      if (nameOf(type) === "string") edits.insert(type.range.end, ' = ""');
      else edits.insert(name.range.end, "!");
    }
  }
}

/** `String.UTF8.decode(configuration)` of what is text now. */
function takeConfigurationAsText(statements: readonly SyntaxNode[], edits: Edits): void {
  const isConfiguration = (node: SyntaxNode | null): boolean => isSyntax(node, "Call") && calledName(node) === "getConfiguration";
  const variables = findAll(statements, "VariableDeclaration").filter(each => isConfiguration(part(each, "initializer")));
  const names = new Set(variables.map(nameOf));
  for (const call of findAll(statements, "Call")) {
    const callee = part(call, "expression");
    const [argument] = parts(call, "args");
    if (!callee || !argument || edits.text.slice(callee.range.start, callee.range.end) !== "String.UTF8.decode") continue;
    if (isConfiguration(argument) || (isSyntax(argument, "Identifier") && names.has(nameOf(argument)))) edits.replace(callee, "");
  }
}

/** Of the standard library by its files, whose names are global; of the allocators, and of an abort for WASI, which compilers had to be told of once. */
const NEEDLESS = /^(?:assemblyscript\/std\/assembly\/|allocator\/|wasi$)/;

function dropImports(statements: readonly SyntaxNode[], edits: Edits): void {
  for (const statement of statements.filter(each => isSyntax(each, "Import"))) {
    const path = part(statement, "path");
    if (typeof path?.value === "string" && NEEDLESS.test(path.value)) edits.replace(statement, blank(statement, edits.text));
  }
}

/** As many lines as there were. */
function blank({ range: { start, end } }: SyntaxNode, text: string): string {
  return text.slice(start, end).replace(/[^\n]/g, " ");
}
