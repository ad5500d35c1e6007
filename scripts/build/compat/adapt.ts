import { isStatic, isSyntax, parseSource, type SyntaxNode } from "../compiler.ts";
import { adaptConfiguration } from "./configuration.ts";
import { Edits } from "./edits.ts";
import { fitParameters, isNumber } from "./fit.ts";
import { adaptHttpCalls } from "./http-calls.ts";
import { namesTestedForNull } from "./null-tests.ts";
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
  /** Whether an interface or an abstract class has methods with type parameters. */
  readonly genericMethods: boolean;
  /** The types that labels of `case` need, by their text. */
  readonly labels: ReadonlyMap<string, string>;
  /** How many parameters functions have that `registerRootContext` is given by name, by that name. */
  readonly factories: ReadonlyMap<string, number>;
}

const TEXT_FOR_BYTES =
  /Type '~lib\/string\/String' is not assignable to type '~lib\/arraybuffer\/ArrayBuffer'|Property 'byteLength' does not exist on type '~lib\/string\/String'/;

/** With the line that the compiler shows. */
const LABEL_OF_ANOTHER_TYPE = /AS200: Conversion from type '\w+' to '(\w+)' requires an explicit cast\.\n[^\n]*\n[^\n]*\bcase ([^\n:]+):/g;

/** With the line that the compiler shows, and the one that underlines it. */
const FACTORY_OF_ANOTHER_TYPE =
  /TS2322: Type '\(([^)]*)\) => [^']+' is not assignable to type '\(u32\) => [^']*RootContext'\.\n[^\n]*\n([^\n]*)\n([^\n]*)/g;

/** Reads the compiler's messages, and keeps what it said `before`. */
export function readComplaints(messages: string, before: Adaptation | null): Adaptation {
  const fields = messages.matchAll(/TS2564: Property '([^']+#[^']+)' has no initializer/g);
  return {
    uninitialised: new Set([...(before?.uninitialised ?? []), ...Array.from(fields, ([, name]) => withoutPath(name ?? ""))]),
    globals: before?.globals || messages.includes("Initializer, definitive assignment or nullable type expected"),
    configurationBytes: before?.configurationBytes || TEXT_FOR_BYTES.test(messages),
    genericMethods: before?.genericMethods || messages.includes("An interface or abstract method"),
    labels: new Map([
      ...(before?.labels ?? []),
      ...Array.from(messages.matchAll(LABEL_OF_ANOTHER_TYPE), ([, type = "", label = ""]) => [label.trim(), type] as const),
    ]),
    factories: new Map([
      ...(before?.factories ?? []),
      ...Array.from(messages.matchAll(FACTORY_OF_ANOTHER_TYPE), ([, given = "", line = "", marks = ""]) => {
        const { index = 0, 0: mark = "" } = /~+/.exec(marks) ?? {};
        return [line.substring(index, index + mark.length), given === "" ? 0 : given.split(",").length] as const;
      }),
    ]),
  };
}

/** `Class#field` of `folder/file/Class<folder/file/Other>#field`. */
function withoutPath(property: string): string {
  return property.replace(/<.*>(?=#)/, "").replace(/^.*\//, "");
}

/** Whether two rounds would change the same. */
export function sameAdaptation(a: Adaptation, b: Adaptation): boolean {
  return (
    a.uninitialised.size === b.uninitialised.size &&
    a.globals === b.globals &&
    a.configurationBytes === b.configurationBytes &&
    a.genericMethods === b.genericMethods &&
    a.labels.size === b.labels.size &&
    a.factories.size === b.factories.size
  );
}

/** Changes source for older versions of the SDK and of the compiler so that today's takes it, with the same meaning. */
export function adapt(text: string, path: string, adaptation: Adaptation): string {
  const statements = parseSource(text, path);
  if (!statements) return text;
  const edits = new Edits(text);
  const tested = namesTestedForNull(statements, text);
  for (const node of findAll(statements, "ClassDeclaration")) adaptClass(node, edits, adaptation, tested);
  if (adaptation.globals) initialiseGlobals(statements, edits, tested);
  if (adaptation.genericMethods) dropGenericMethods(statements, edits);
  if (adaptation.labels.size > 0) castLabels(statements, edits, adaptation.labels);
  if (adaptation.configurationBytes) adaptConfiguration(statements, edits);
  adaptFactories(statements, edits, adaptation.factories);
  adaptHelpers(statements, edits);
  adaptHttpCalls(statements, edits);
  dropImports(statements, edits);
  return edits.apply();
}

function adaptClass(node: SyntaxNode, edits: Edits, { uninitialised, globals }: Adaptation, tested: ReadonlySet<string>): void {
  const name = nameOf(node);
  for (const member of parts(node, "members")) {
    if (isSyntax(member, "FieldDeclaration")) {
      // One that the constructor declares is done there.
      if (Number(member.parameterIndex) >= 0) continue;
      if (part(node, "extendsType") && nameOf(member) === "root_context") narrowRoot(node, member, edits);
      // The compiler names fields of objects only; static ones are globals to it.
      else if ((globals && isStatic(member)) || uninitialised.has(`${name}#${nameOf(member)}`)) initialise(member, edits, tested);
    } else if (isSyntax(member, "MethodDeclaration") && part(node, "extendsType")) {
      if (nameOf(member) === "constructor") narrowRootOfConstructor(member, edits);
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

/** A field of a type that has no value of its own. */
function initialise(field: SyntaxNode, edits: Edits, tested: ReadonlySet<string>): void {
  const [name, type] = [part(field, "name"), part(field, "type")];
  if (name && type && !part(field, "initializer")) giveValue(name, type, edits, tested);
}

/**
 * Text is empty; anything else is set before it is read, which the program then checks. What the source itself tests for null is null, as it was
 * in compilers that took that.
 */
function giveValue(name: SyntaxNode, type: SyntaxNode, edits: Edits, tested: ReadonlySet<string>): void {
  if (isNumber(nameOf(type)) || type.isNullable) return;
  const isText = nameOf(type) === "string" || nameOf(type) === "String";
  if (tested.has(nameOf(name))) edits.insert(type.range.end, ` = changetype<${edits.text.slice(type.range.start, type.range.end)}>(0)`);
  else if (isText) edits.insert(type.range.end, ' = ""');
  else edits.insert(name.range.end, "!");
}

/** Once a subclass could have a field of the same name and a narrower type; now it can have a getter of that type. */
function narrowRoot(node: SyntaxNode, field: SyntaxNode, edits: Edits): void {
  const type = part(field, "type");
  if (!type) return;
  const name = edits.text.slice(type.range.start, type.range.end).replace(/\s*\|\s*null$/, "");
  edits.replace({ range: { start: field.range.start, end: endOf(field, edits.text) } }, rootGetter(name));
  for (const assignment of findAll([node], "Binary")) {
    const target = part(assignment, "left");
    const property = part(target, "property");
    const operator = edits.text.slice(target?.range.end, part(assignment, "right")?.range.start).trim();
    if (isSyntax(part(target, "expression"), "This") && property && nameOf(property) === "root_context" && operator === "=")
      edits.replace(property, "compatRoot");
  }
}

/** `constructor(public root_context: Root)` is such a field, too. */
function narrowRootOfConstructor(method: SyntaxNode, edits: Edits): void {
  for (const parameter of parts(part(method, "signature"), "parameters")) {
    const [name, type] = [part(parameter, "name"), part(parameter, "type")];
    if (!parameter.implicitFieldDeclaration || !name || !type || nameOf(name) !== "root_context") continue;
    edits.insert(method.range.start, `${rootGetter(edits.text.slice(type.range.start, type.range.end))} `);
    const { start } = name.range;
    const modifiers = MODIFIERS.exec(edits.text.slice(0, start))?.[0] ?? "";
    edits.replace({ range: { start: start - modifiers.length, end: start } }, "");
  }
}

const MODIFIERS = /(?:(?:public|protected|private|readonly)\s+)+$/;

function rootGetter(type: string): string {
  return `get root_context(): ${type} { return changetype<${type}>(this.compatRoot); }`;
}

/** A function that stands in the call gets the parameter; one with a name, which others may call, is called by one that has it. */
function adaptFactories(statements: readonly SyntaxNode[], edits: Edits, named: Adaptation["factories"]): void {
  for (const call of findAll(statements, "Call")) {
    if (calledName(call) !== "registerRootContext") continue;
    const [factory] = parts(call, "args");
    if (!factory) continue;
    const { start, end } = factory.range;
    if (isSyntax(factory, "Function")) {
      fitParameters(part(factory, "declaration") ?? factory, FACTORY, edits);
      continue;
    }
    const wanted = named.get(edits.text.slice(start, end));
    if (wanted === undefined || wanted > FACTORY.length) continue;
    edits.insert(start, "(compat_context_id: u32) => ");
    edits.insert(end, wanted === 0 ? "()" : "(compat_context_id)");
  }
}

/** `new ContextHelper<Stream>(stream)` is `ContextHelper.wrap<Stream>(stream)`. */
function adaptHelpers(statements: readonly SyntaxNode[], edits: Edits): void {
  for (const made of findAll(statements, "New")) {
    const type = part(made, "typeName");
    const name = nameOf(type);
    if (!type || (name !== "ContextHelper" && name !== "RootContextHelper")) continue;
    edits.replace({ range: { start: made.range.start, end: type.range.end } }, `${name}.wrap`);
  }
}

function initialiseGlobals(statements: readonly SyntaxNode[], edits: Edits, tested: ReadonlySet<string>): void {
  for (const statement of statements.filter(each => isSyntax(each, "Variable"))) {
    for (const variable of parts(statement, "declarations")) {
      const [name, type] = [part(variable, "name"), part(variable, "type")];
      if (!name || !type || part(variable, "initializer")) continue;
      if (!edits.text.slice(name.range.end, type.range.start).includes("!")) giveValue(name, type, edits, tested);
    }
  }
}

/** Nothing could call them: compilers took such a method, and had none to call. The classes have their own. */
function dropGenericMethods(statements: readonly SyntaxNode[], edits: Edits): void {
  for (const declaration of [...findAll(statements, "InterfaceDeclaration"), ...findAll(statements, "ClassDeclaration")]) {
    for (const member of parts(declaration, "members")) {
      if (!isSyntax(member, "MethodDeclaration") || part(member, "body") || parts(member, "typeParameters").length === 0) continue;
      const whole = { range: { start: member.range.start, end: endOf(member, edits.text) } };
      edits.replace(whole, blank(whole, edits.text));
    }
  }
}

/** Labels were numbers of any type once; now they have the type of what is compared with them. */
function castLabels(statements: readonly SyntaxNode[], edits: Edits, labels: ReadonlyMap<string, string>): void {
  for (const each of findAll(statements, "Switch").flatMap(node => parts(node, "cases"))) {
    const label = part(each, "label");
    const type = label && labels.get(edits.text.slice(label.range.start, label.range.end));
    if (label && type) {
      edits.insert(label.range.start, `<${type}>(`);
      edits.insert(label.range.end, ")");
    }
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

/** Where a member ends, with the semicolon that belongs to it. */
function endOf({ range: { end } }: SyntaxNode, text: string): number {
  return end + (/^\s*;/.exec(text.slice(end))?.[0].length ?? 0);
}

/** As many lines as there were. */
function blank({ range: { start, end } }: Pick<SyntaxNode, "range">, text: string): string {
  return text.slice(start, end).replace(/[^\n]/g, " ");
}
