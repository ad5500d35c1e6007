import binaryen from "assemblyscript/binaryen";
import { Transform } from "assemblyscript/transform";
import { CALLBACKS, type CallbackName } from "../abi/callbacks.ts";
import { KEEP_RULES, type KeepRule } from "./callbacks.ts";
import { COMPAT_KEEP_RULES } from "./compat/callbacks.ts";
import { provideGlobals } from "./compat/globals.ts";
import { findNeeds, keepsForStreams, type Needs } from "./compat/needs.ts";
import { canShareStreams } from "./compat/shared-streams.ts";
import { keepSmallBlocks } from "./compat/small-blocks.ts";
import { shortenCopies } from "./compat/small-memory.ts";
import { findAll, nameOf } from "./compat/syntax.ts";
import { searchFaster } from "./compat/text-search.ts";
import { type Element, type File, falseAt, isConstant, isVariable, type Program, USER_ENTRY } from "./compiler.ts";
import { BuildError } from "./errors.ts";
import { stateFacts } from "./facts.ts";
import { collectInLoops, LOOP_GARBAGE } from "./garbage/index.ts";
import { type ModuleImport, refuseUnknownImports } from "./import-gate.ts";
import { findMisnamed } from "./misnamed.ts";
import { exportNames, type Module } from "./module.ts";
import { trimRoots } from "./roots.ts";
import { refuseUnregistered } from "./unregistered.ts";
import { findUnsupported } from "./unsupported.ts";
import { isJustified, isOfPackage, isOwn, readUsage, type Usage } from "./usage.ts";

/**
 * Hooks into asc between compilation and optimisation:
 * drops the exports of callbacks that nobody overrides, so that the code behind them goes too and Envoy does not enter
 * the module for nothing, and refuses what Envoy would refuse or crash on.
 *
 * A program works without it, only larger and slower.
 */
export default class MeshwrightTransform extends Transform {
  /** Whether the runtime goes on checking its own work. */
  keepsChecks = false;
  /** Whether functions keep what their variables refer to where the collector finds it. */
  keepsFrames = false;
  /** What the user should know although the program compiles. */
  warnings: readonly string[] = [];
  #program: Program | undefined;

  afterInitialize(program: Program): void {
    this.#program = program;
    chooseSmallCode(program);
    chooseLinearJoin(program);
    if (!this.keepsChecks) dropRuntimeChecks(program);
  }

  afterCompile(module: Module): void {
    const program = this.#program;
    if (!program) throw new Error("transform: asc compiled a program that it did not initialise");
    if (module.getStart() !== 0) {
      const text = "build: the module has a start section, and Envoy crashes on it";
      throw new BuildError("start-section", `${text}; compile with --exportStart _initialize`);
    }
    const found = readUsage(program);
    const texts = found ? textsOf(program, found) : [];
    const needs = found?.compat ? findNeeds(module, found, texts) : null;
    const usage = found && needs ? { ...found, streamState: keepsForStreams(needs) || !canShareStreams(found, texts) } : found;
    if (usage) {
      refuseUnregistered(module, usage);
      if (usage.compat) {
        provideGlobals(module, usage);
        keepSmallBlocks(module, usage);
        shortenCopies(module, usage);
        searchFaster(module, usage);
      }
      dropExports(module, program, usage, needs);
      module.runPasses(["remove-unused-module-elements"]);
      trimRoots(module);
      collectInLoops(module, usage, this.keepsFrames);
      stateFacts(module, usage, needs);
    }
    this.warnings = [...findUnsupported(module, usage), ...(usage ? findMisnamed(usage) : [])];
    refuseUnknownImports(functionImports(module), usage?.sdkPath ?? null, () => module.emitText());
  }
}

/**
 * Lets the standard library take its smaller code where it has two, such as for numbers as text, without tables. asc's option for it, shrinkLevel,
 * would also have asc optimise, which wasm-opt does.
 */
function chooseSmallCode(program: Program): void {
  const level = program.elementsByName.get(LEVEL);
  const one = program.elementsByName.get("ASC_TARGET");
  if (level && one && isConstant(level) && isConstant(one)) level.constantIntegerValue = one.constantIntegerValue;
}

/** What the standard library asks for its smaller code, and a constant that is 0, since it is wasm-opt that optimises. */
const [LEVEL, ZERO] = ["ASC_SHRINK_LEVEL", "ASC_OPTIMIZE_LEVEL"];
/** Where the smaller code joins strings one by one, each time into a new one: as much garbage as the square of their length. */
const JOINING: readonly string[] = ["~lib/array", "~lib/staticarray"];

function chooseLinearJoin(program: Program): void {
  for (const file of JOINING) {
    const statements = program.filesByName.get(file)?.source.statements ?? [];
    for (const name of findAll(statements, "Identifier")) if (nameOf(name) === LEVEL) (name as unknown as { text: string }).text = ZERO;
  }
}

/**
 * Takes out what the runtime asserts about its own data: none of it depends on a program that leaves raw memory alone, and it is 3 % of a
 * module. What it asserts about the program's use of it, such as a block that is freed twice, stays.
 */
function dropRuntimeChecks(program: Program): void {
  const debug = program.elementsByName.get("~lib/rt/common/DEBUG");
  if (debug && isVariable(debug)) debug.declaration.initializer = falseAt(debug.declaration.range);
}

function dropExports(module: Module, program: Program, usage: Usage, needs: Needs | null): void {
  const entries = [...program.filesByName.values()].filter(({ source }) => source.sourceKind === USER_ENTRY);
  const names = exportNames(module);
  const kept = new Set(names.filter(name => isNeeded(name, lookupExport(entries, name), usage)));
  if (needs?.keepsRequest) kept.add("proxy_on_request_headers");
  if (needs?.keepsResponse || needs?.defersResponse) kept.add("proxy_on_response_headers");
  // A callback for answers is kept when the program makes the calls. It makes calls of its own, though: what it reaches
  // counts only once it is kept for another reason.
  for (;;) {
    const calls = hostcallsFrom(module, kept);
    const answered = names.filter(name => !kept.has(name) && ruleOf(name, usage)?.hostcalls?.some(call => calls.has(call)));
    if (answered.length === 0) break;
    for (const name of answered) kept.add(name);
  }
  for (const name of names) if (!kept.has(name)) module.removeExport(name);
}

function isNeeded(name: string, element: Element | null, usage: Usage): boolean {
  // What the user's file exports is the user's decision, a callback of his own included.
  if (element && !isOwn(element, usage.sdkPath)) return true;
  const rule = ruleOf(name, usage);
  return name === "memory" || LOOP_GARBAGE.includes(name) || (rule !== undefined && isJustified(rule, usage));
}

/** What the filter and its libraries consist of. */
function textsOf(program: Program, { sdkPath }: Usage): string[] {
  const files = [...program.filesByName.values()].filter(({ internalName }) => !isOfPackage(internalName, sdkPath));
  return files.map(({ source }) => source.text);
}

function ruleOf(name: string, { compat }: Usage): KeepRule | undefined {
  const rules = compat ? COMPAT_KEEP_RULES : KEEP_RULES;
  return CALLBACKS.has(name) ? rules[name as CallbackName] : undefined;
}

/** The hostcalls that a module makes when it has these exports only; found on a copy. */
function hostcallsFrom(module: Module, kept: ReadonlySet<string>): Set<string> {
  const copy = binaryen.readBinaryWithFeatures(module.emitBinary(), module.getFeatures());
  for (const name of exportNames(copy)) if (!kept.has(name)) copy.removeExport(name);
  copy.runPasses(["remove-unused-module-elements"]);
  const calls = new Set(functionImports(copy).map(({ name }) => name));
  copy.dispose();
  return calls;
}

function lookupExport(entries: readonly File[], name: string): Element | null {
  for (const entry of entries) {
    const element = entry.lookupExport(name);
    if (element) return element;
  }
  return null;
}

function functionImports(module: Module): ModuleImport[] {
  const count = module.getNumFunctions();
  return Array.from({ length: count }, (_, index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)))
    .filter(({ module }) => module)
    .map(info => ({ internalName: info.name, module: info.module ?? "", name: info.base ?? "" }));
}
