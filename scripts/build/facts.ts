import binaryen from "assemblyscript/binaryen";
import type { Needs } from "./compat/needs.ts";
import { functions, type Module, readStaticData } from "./module.ts";
import { UNPACK } from "./static-data.ts";
import type { Usage } from "./usage.ts";

const PAGE = 0x10000;
/** asc's name for the memory. */
const MEMORY = "0";
/** asc's name for where the heap begins. */
const HEAP_BASE = "~lib/memory/__heap_base";
/** The runtime's own count of the bytes in managed objects. */
const ALLOCATED = ["~lib/rt/tcms/total", "~lib/rt/itcms/total"];
/** So much memory is there from the beginning for what lives and for garbage, so that a usual filter's never grows. */
const HEAP = 0x8000;
/** Folds what the facts decide, so that the constants behind it are known to be unused. */
const FOLD = ["simplify-globals", "precompute", "remove-unused-brs", "vacuum", "dce", "remove-unused-module-elements"];

/** Tells the program what the build knows of it: see assembly/abi/facts.ts. */
export function stateFacts(module: Module, { sdkPath, streamState }: Usage, needs: Needs | null): void {
  const package_ = sdkPath.replace(/sdk\/$/, "");
  const reserved = reserveMemory(module, constant(module, `${package_}abi/memory/SIZE`));
  setConstant(module, `${package_}abi/facts/reservedMemory`, reserved);
  if (!streamState) setConstant(module, `${package_}abi/facts/statefulStreams`, 0);
  for (const [name, value] of Object.entries(needs ?? {})) setConstant(module, `${package_}compat/facts/${name}`, value ? 1 : 0);
  countAllocated(module, `${package_}sdk/lifecycle/allocatedBytes`);
  callUnpack(module, `${package_}${UNPACK}`, reserved);
  // asc sets them only later; until then they are what the compilation before left.
  binaryen.setOptimizeLevel(0);
  binaryen.setShrinkLevel(0);
  module.runPasses(FOLD);
}

/** Has the SDK read the runtime's count, which is the runtime's own. */
function countAllocated(module: Module, name: string): void {
  const [count, reader] = [ALLOCATED.find(global => module.getGlobal(global) !== 0), module.getFunction(name)];
  if (count && reader) functions.setBody(reader, module.global.get(count, binaryen.i32));
}

/** Has the packed static data unpacked before anything else; it lies in the reserved memory, which nobody uses yet. */
function callUnpack(module: Module, unpack: string, reserved: number): void {
  module.removeExport("unpackStaticData");
  const start = module.getFunction("~start");
  const call = module.call(unpack, [module.i32.const(reserved)], binaryen.none);
  functions.setBody(start, module.block(null, [call, functions.getBody(start)]));
}

/** Puts the reserved memory between the static data and the heap. */
function reserveMemory(module: Module, size: number): number {
  const reserved = (constant(module, HEAP_BASE) + 15) & ~15;
  const end = reserved + size;
  setConstant(module, HEAP_BASE, end);
  const { initial, max } = module.getMemoryInfo();
  const segments = readStaticData(module).map(({ at, data }) => ({ offset: module.i32.const(at), data, passive: false }));
  module.setMemory(Math.max(initial, Math.ceil((end + HEAP) / PAGE)), max ?? -1, null, segments, false, false, MEMORY);
  return reserved;
}

function constant(module: Module, name: string): number {
  const { init } = binaryen.getGlobalInfo(module.getGlobal(name));
  return Number((binaryen.getExpressionInfo(init) as binaryen.ConstInfo).value);
}

function setConstant(module: Module, name: string, value: number): void {
  module.removeGlobal(name);
  module.addGlobal(name, binaryen.i32, false, module.i32.const(value));
}
