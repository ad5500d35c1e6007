import type { ContextKind, KeepRule } from "./callbacks.ts";
import { part } from "./compat/syntax.ts";
import { type ClassPrototype, type Element, isClassPrototype, isPropertyPrototype, type Program, type SyntaxNode } from "./compiler.ts";
import { BuildError } from "./errors.ts";

export type ClassKind = "http" | "tcp" | "plugin" | "root" | "stream";

/** The context classes of the SDK and of compat, by their path in the package. */
const CONTEXT_CLASSES: ReadonlyMap<string, ClassKind> = new Map([
  ["assembly/sdk/http-context/HttpContext", "http"],
  ["assembly/sdk/tcp-context/TcpContext", "tcp"],
  ["assembly/sdk/plugin-context/PluginContext", "plugin"],
  ["assembly/compat/root-base/RootBase", "root"],
  ["assembly/compat/stream-base/StreamBase", "stream"],
]);
const SDK_FOLDER = "assembly/sdk/";
const COMPAT_FOLDER = "assembly/compat/";

/** What the user's classes do with the SDK's contexts. */
export interface Usage {
  /** asc's path prefix of the SDK's modules, such as `assembly/sdk/` or `~lib/meshwright/assembly/sdk/`. */
  readonly sdkPath: string;
  /** Whether the program is built from compat: its callbacks and its rules then. */
  readonly compat: boolean;
  /** The user's contexts. */
  readonly classes: readonly UserClass[];
  /** Overridden methods as `http.onRequestHeaders`. */
  readonly overrides: ReadonlySet<string>;
  /** Whether a stream context has fields of its own. */
  readonly streamState: boolean;
  /** All methods of the user's contexts. */
  readonly methods: readonly Method[];
  /** The callbacks of each kind of context, with the type that they answer: what its classes in the SDK declare and what begins with `on`. */
  readonly callbacks: ReadonlyMap<ClassKind, ReadonlyMap<string, string>>;
}

export interface UserClass {
  readonly kind: ClassKind;
  /** Its internal name. */
  readonly name: string;
  readonly declaration: SyntaxNode;
}

export interface Method {
  readonly kind: ClassKind;
  readonly name: string;
  /** The class, by its internal name. */
  readonly owner: string;
  /** The type that it answers, as written. */
  readonly answers: string;
  /** In its file. */
  readonly line: number;
  readonly column: number;
}

/** Reads the class hierarchy of a program; null when the program does not contain the SDK. */
export function readUsage(program: Program): Usage | null {
  const contexts = contextClasses(program);
  const sdkPath = onlySdkPath(contexts);
  if (sdkPath === null) return null;
  const compat = [...contexts.values()].some(({ kind }) => kind === "root");
  const methods: Method[] = [];
  const classes: UserClass[] = [];
  // In compat every stream has an object of its own, unless more is known; see compat/shared-streams.ts.
  let streamState = compat;
  for (const element of program.elementsByName.values()) {
    if (!isClassPrototype(element) || isOwn(element, sdkPath)) continue;
    const lineage = lineageOf(element, contexts, sdkPath);
    if (!lineage) continue;
    classes.push({ kind: lineage.kind, name: element.internalName, declaration: element.declaration });
    for (const owner of lineage.classes) {
      for (const [name, prototype] of owner.instanceMembers ?? []) {
        if (!isPropertyPrototype(prototype))
          methods.push({ kind: lineage.kind, name, owner: owner.internalName, answers: answerOf(prototype), ...placeOf(prototype) });
        else if (prototype.fieldDeclaration && lineage.kind !== "plugin") streamState = true;
      }
    }
  }
  const overrides = new Set(methods.map(({ kind, name }) => `${kind}.${name}`));
  const callbacks = new Map([...contexts].map(([context, { kind }]) => [kind, callbacksOf(context)]));
  return { sdkPath, compat, classes, overrides, streamState, methods, callbacks };
}

function callbacksOf(context: ClassPrototype): Map<string, string> {
  const answers = new Map<string, string>();
  for (let each: ClassPrototype | null = context; each; each = each.basePrototype) {
    for (const [name, method] of each.instanceMembers ?? new Map<string, Element>()) {
      if (/^on[A-Z]/.test(name) && !answers.has(name)) answers.set(name, answerOf(method));
    }
  }
  return answers;
}

const declarationOf = (method: Element): SyntaxNode | null => (method as { declaration?: SyntaxNode }).declaration ?? null;

function answerOf(method: Element): string {
  const name = part(part(part(declarationOf(method), "signature"), "returnType"), "name");
  return String(part(name, "identifier")?.text ?? "");
}

/** Where a method's name stands. */
function placeOf(method: Element): { line: number; column: number } {
  const range = part(declarationOf(method), "name")?.range;
  const source = (range as { source?: { lineAt(at: number): number; columnAt(): number } } | undefined)?.source;
  if (!range || !source) return { line: 0, column: 0 };
  return { line: source.lineAt(range.start), column: source.columnAt() };
}

/** Whether the user's classes give the callback something to do. */
export function isJustified(rule: KeepRule, usage: Usage): boolean {
  if (rule.always) return true;
  if (rule.streamState && usage.streamState) return true;
  return rule.overrides?.some(override => isOverridden(override, usage)) ?? false;
}

/** The folders of the package that are compiled into filters. */
const FOLDERS = ["abi/", "compat/", "filters/", "sdk/", "std/"];

/** Whether something is the package's, by its internal name; what is not is the user's, a library's or the compiler's. */
export function isOfPackage(internalName: string, sdkPath: string): boolean {
  return FOLDERS.some(folder => internalName.startsWith(sdkPath.replace(/sdk\/$/, folder)));
}

/** Whether an element is declared by the SDK or by compat. */
export function isOwn({ internalName }: Element, sdkPath: string): boolean {
  return internalName.startsWith(sdkPath) || internalName.startsWith(`${sdkPath.slice(0, -SDK_FOLDER.length)}${COMPAT_FOLDER}`);
}

const KINDS: Readonly<Record<ContextKind, readonly string[]>> = {
  http: ["http"],
  tcp: ["tcp"],
  plugin: ["plugin"],
  stream: ["http", "tcp", "stream"],
  any: ["http", "tcp", "plugin"],
  root: ["root"],
};

function isOverridden(override: `${ContextKind}.${string}`, usage: Usage): boolean {
  const [kind, method] = override.split(".") as [ContextKind, string];
  return KINDS[kind].some(each => usage.overrides.has(`${each}.${method}`));
}

type Contexts = Map<ClassPrototype, { kind: ClassKind; sdkPath: string }>;

function contextClasses(program: Program): Contexts {
  const found: Contexts = new Map();
  for (const [name, element] of program.elementsByName) {
    const at = Math.max(name.lastIndexOf(SDK_FOLDER), name.lastIndexOf(COMPAT_FOLDER));
    if (at < 0 || !isClassPrototype(element)) continue;
    const kind = CONTEXT_CLASSES.get(name.slice(at));
    if (kind) found.set(element, { kind, sdkPath: name.slice(0, at) + SDK_FOLDER });
  }
  return found;
}

function onlySdkPath(contexts: Contexts): string | null {
  const paths = [...new Set([...contexts.values()].map(({ sdkPath }) => sdkPath))];
  if (paths.length > 1) {
    const text = `build: the program contains the SDK twice, as ${paths.join(" and ")}, and callbacks would reach only one`;
    throw new BuildError("sdk-twice", `${text}; import it in one way: relatively inside the package, by name outside`);
  }
  return paths[0] ?? null;
}

/** The user's classes from `start` up to the context class that they extend. */
function lineageOf(start: ClassPrototype, contexts: Contexts, sdkPath: string): { kind: ClassKind; classes: ClassPrototype[] } | null {
  const classes: ClassPrototype[] = [];
  for (let each: ClassPrototype | null = start; each; each = each.basePrototype) {
    const context = contexts.get(each);
    if (context) return { kind: context.kind, classes };
    if (!isOwn(each, sdkPath)) classes.push(each);
  }
  return null;
}
