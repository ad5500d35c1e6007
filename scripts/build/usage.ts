import type { ContextKind, KeepRule } from "./callbacks.ts";
import { type ClassPrototype, type Element, isClassPrototype, isPropertyPrototype, type Program } from "./compiler.ts";
import { BuildError } from "./errors.ts";

/** The SDK's context classes, by their path below the SDK's folder. */
const CONTEXT_CLASSES: ReadonlyMap<string, "http" | "tcp" | "plugin"> = new Map([
  ["http-context/HttpContext", "http"],
  ["tcp-context/TcpContext", "tcp"],
  ["plugin-context/PluginContext", "plugin"],
]);
const SDK_FOLDER = "assembly/sdk/";

/** What the user's classes do with the SDK's contexts. */
export interface Usage {
  /** asc's path prefix of the SDK's modules, such as `assembly/sdk/` or `~lib/meshwright/assembly/sdk/`. */
  readonly sdkPath: string;
  /** Overridden methods as `http.onRequestHeaders`. */
  readonly overrides: ReadonlySet<string>;
  /** Whether a stream context has fields of its own. */
  readonly streamState: boolean;
}

/** Reads the class hierarchy of a program; null when the program does not contain the SDK. */
export function readUsage(program: Program): Usage | null {
  const contexts = contextClasses(program);
  const sdkPath = onlySdkPath(contexts);
  if (sdkPath === null) return null;
  const overrides = new Set<string>();
  let streamState = false;
  for (const element of program.elementsByName.values()) {
    if (!isClassPrototype(element) || isInside(element, sdkPath)) continue;
    const lineage = lineageOf(element, contexts);
    if (!lineage) continue;
    for (const member of lineage.classes.flatMap(each => [...(each.instanceMembers ?? [])])) {
      const [name, prototype] = member;
      if (!isPropertyPrototype(prototype)) overrides.add(`${lineage.kind}.${name}`);
      else if (prototype.fieldDeclaration && lineage.kind !== "plugin") streamState = true;
    }
  }
  return { sdkPath, overrides, streamState };
}

/** Whether the user's classes give the callback something to do. */
export function isJustified(rule: KeepRule, usage: Usage): boolean {
  if (rule.always) return true;
  if (rule.streamState && usage.streamState) return true;
  return rule.overrides?.some(override => isOverridden(override, usage)) ?? false;
}

/** Whether an element is declared below the SDK's folder. */
export function isInside(element: Element, sdkPath: string): boolean {
  return element.internalName.startsWith(sdkPath);
}

const KINDS: Readonly<Record<ContextKind, readonly string[]>> = {
  http: ["http"],
  tcp: ["tcp"],
  plugin: ["plugin"],
  stream: ["http", "tcp"],
  any: ["http", "tcp", "plugin"],
};

function isOverridden(override: `${ContextKind}.${string}`, usage: Usage): boolean {
  const [kind, method] = override.split(".") as [ContextKind, string];
  return KINDS[kind].some(each => usage.overrides.has(`${each}.${method}`));
}

type Contexts = Map<ClassPrototype, { kind: "http" | "tcp" | "plugin"; sdkPath: string }>;

function contextClasses(program: Program): Contexts {
  const found: Contexts = new Map();
  for (const [name, element] of program.elementsByName) {
    const at = name.lastIndexOf(SDK_FOLDER);
    if (at < 0 || !isClassPrototype(element)) continue;
    const kind = CONTEXT_CLASSES.get(name.slice(at + SDK_FOLDER.length));
    if (kind) found.set(element, { kind, sdkPath: name.slice(0, at + SDK_FOLDER.length) });
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

/** The classes from `start` up to, and without, the SDK's context class that they extend. */
function lineageOf(start: ClassPrototype, contexts: Contexts): { kind: "http" | "tcp" | "plugin"; classes: ClassPrototype[] } | null {
  const classes: ClassPrototype[] = [];
  for (let each: ClassPrototype | null = start; each; each = each.basePrototype) {
    const context = contexts.get(each);
    if (context) return { kind: context.kind, classes };
    classes.push(each);
  }
  return null;
}
