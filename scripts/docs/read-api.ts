import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { docstring, isInternal } from "./docstring.ts";
import type { Api, ApiMember, ApiSymbol } from "./model.ts";

const ENTRY = "assembly/index.ts";

type Declaration = ts.ClassDeclaration | ts.EnumDeclaration | ts.FunctionDeclaration | ts.TypeAliasDeclaration | ts.VariableDeclaration;

/**
 * Reads what `meshwright/assembly` exports, and the classes that those extend, return or take, from the sources below `root`.
 *
 * It reads syntax only: asc's dialect has types that TypeScript's checker would have to be told about, and nothing here needs them.
 */
export function readApi(root: string): Api {
  const sources = new Map<string, ts.SourceFile>();
  const source = (file: string): ts.SourceFile => {
    let parsed = sources.get(file);
    if (!parsed) {
      parsed = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
      sources.set(file, parsed);
    }
    return parsed;
  };

  const symbols = new Map<string, ApiSymbol>();
  const add = (file: string, name: string): void => {
    const found = locate(root, source, file, name);
    if (!found || symbols.has(`${found.file} ${name}`)) return;
    symbols.set(`${found.file} ${name}`, describe(found.node, found.file, name));
    for (const used of usedTypes(found.node)) add(found.file, used);
  };
  for (const [file, name] of exportsOf(root, source, ENTRY)) add(file, name);
  return { symbols: [...symbols.values()] };
}

/** The exported names of a module, each with a file that declares or re-exports it. */
function exportsOf(root: string, source: (file: string) => ts.SourceFile, file: string): [file: string, name: string][] {
  return source(file)
    .statements.filter(ts.isExportDeclaration)
    .flatMap(({ moduleSpecifier, exportClause }): [string, string][] => {
      const target = resolve(root, file, moduleSpecifier);
      if (target === null) return [];
      if (!exportClause) return exportsOf(root, source, target);
      return ts.isNamedExports(exportClause) ? exportClause.elements.map(element => [target, element.name.text]) : [];
    });
}

/** The declaration of `name` in `file`, or where that file has it from; null when it is none of ours. */
function locate(
  root: string,
  source: (file: string) => ts.SourceFile,
  file: string,
  name: string,
): { file: string; node: Declaration } | null {
  for (const statement of source(file).statements) {
    if (ts.isVariableStatement(statement)) {
      const node = statement.declarationList.declarations.find(each => each.name.getText() === name);
      if (node) return { file, node };
    }
    if (isNamed(statement) && statement.name?.text === name) return { file, node: statement };
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
      const clause = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
      const elements = clause && (ts.isNamedImports(clause) || ts.isNamedExports(clause)) ? [...clause.elements] : [];
      const target = elements.some(element => element.name.text === name) ? resolve(root, file, statement.moduleSpecifier) : null;
      if (target !== null) return locate(root, source, target, name);
    }
  }
  return null;
}

function isNamed(node: ts.Node): node is Exclude<Declaration, ts.VariableDeclaration> {
  return ts.isClassDeclaration(node) || ts.isEnumDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function resolve(root: string, from: string, specifier: ts.Expression | undefined): string | null {
  if (!specifier || !ts.isStringLiteral(specifier)) return null;
  const file = `${join(dirname(from), specifier.text)}.ts`;
  return existsSync(join(root, file)) ? file : null;
}

/** Names of types in the public part of a declaration. */
function usedTypes(node: Declaration): Set<string> {
  const names = new Set<string>();
  const visit = (part: ts.Node): void => {
    if (ts.isBlock(part) || isHidden(part)) return;
    if (ts.isTypeReferenceNode(part) || ts.isExpressionWithTypeArguments(part)) names.add(part.getText().replace(/[<\s].*$/s, ""));
    ts.forEachChild(part, visit);
  };
  visit(node);
  return names;
}

function isHidden(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  const isPrivate = modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword);
  return isInternal(node) || (isPrivate && !ts.isParameter(node));
}

function describe(node: Declaration, file: string, name: string): ApiSymbol {
  const common = { name, file, base: null, doc: docstring(node), members: [] };
  if (ts.isClassDeclaration(node)) return { ...common, kind: "class", ...describeClass(node, name) };
  if (ts.isEnumDeclaration(node)) return { ...common, kind: "enum", signature: `enum ${name}`, members: node.members.map(enumValue) };
  if (ts.isFunctionDeclaration(node)) return { ...common, kind: "function", signature: `function ${callable(node, name)}` };
  if (ts.isTypeAliasDeclaration(node)) return { ...common, kind: "type", signature: `type ${name} = ${node.type.getText()}` };
  const type = node.type ? `: ${node.type.getText()}` : ` = ${oneLine(node.initializer?.getText() ?? "")}`;
  return { ...common, kind: "constant", doc: docstring(node.parent.parent), signature: `const ${name}${type}` };
}

function describeClass(node: ts.ClassDeclaration, name: string): Pick<ApiSymbol, "signature" | "base" | "members"> {
  const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
  const isAbstract = ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ?? false;
  const head = `${isAbstract ? "abstract " : ""}class ${name}${typeParameters(node)}`;
  return {
    signature: base ? `${head} extends ${base.getText()}` : head,
    base: base?.expression.getText() ?? null,
    members: node.members.filter(member => !isHidden(member)).flatMap(member => describeMember(member, name, isAbstract)),
  };
}

function describeMember(node: ts.ClassElement, className: string, isAbstract: boolean): ApiMember[] {
  if (ts.isConstructorDeclaration(node)) {
    const fields = node.parameters.filter(parameter => ts.isParameterPropertyDeclaration(parameter, node) && !isHiddenField(parameter));
    const self: ApiMember = {
      name: "constructor",
      kind: "constructor",
      isStatic: false,
      signature: `new ${className}(${parameters(node)})`,
      doc: docstring(node),
    };
    return [...(isAbstract ? [] : [self]), ...fields.map(property)];
  }
  if (ts.isMethodDeclaration(node)) {
    const name = node.name.getText();
    const isStatic = hasStatic(node);
    const signature = `${isStatic ? `${className}.` : ""}${callable(node, name)}`;
    return [{ name, kind: "method", isStatic, signature, doc: docstring(node) }];
  }
  if (ts.isPropertyDeclaration(node) || ts.isGetAccessorDeclaration(node)) return [property(node)];
  return [];
}

function isHiddenField(node: ts.ParameterDeclaration): boolean {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
  return isInternal(node) || (ts.getModifiers(node) ?? []).some(({ kind }) => hidden.includes(kind));
}

function property(node: ts.PropertyDeclaration | ts.GetAccessorDeclaration | ts.ParameterDeclaration): ApiMember {
  const name = node.name.getText();
  const isStatic = hasStatic(node);
  const className = (node.parent as ts.ClassDeclaration).name?.text ?? "";
  const signature = `${isStatic ? `${className}.` : ""}${name}: ${node.type?.getText() ?? "?"}`;
  return { name, kind: "property", isStatic, signature, doc: docstring(node) };
}

function enumValue(node: ts.EnumMember): ApiMember {
  const value = node.initializer ? ` = ${node.initializer.getText()}` : "";
  return { name: node.name.getText(), kind: "value", isStatic: true, signature: `${node.name.getText()}${value}`, doc: docstring(node) };
}

function hasStatic(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
}

function callable(node: ts.FunctionDeclaration | ts.MethodDeclaration, name: string): string {
  return `${name}${typeParameters(node)}(${parameters(node)}): ${oneLine(node.type?.getText() ?? "void")}`;
}

function typeParameters(node: ts.ClassDeclaration | ts.FunctionDeclaration | ts.MethodDeclaration): string {
  return node.typeParameters ? `<${node.typeParameters.map(each => each.getText()).join(", ")}>` : "";
}

function parameters(node: ts.SignatureDeclaration): string {
  const one = (each: ts.ParameterDeclaration): string => {
    const initial = each.initializer ? ` = ${each.initializer.getText()}` : "";
    return `${each.name.getText()}: ${each.type?.getText() ?? "?"}${initial}`;
  };
  return oneLine(node.parameters.map(one).join(", "));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
