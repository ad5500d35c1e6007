import binaryen from "assemblyscript/binaryen";
import { functions, type Module, readStaticData } from "./module.ts";
import type { Segment } from "./static-strings.ts";

const VISIT_GLOBALS = "~lib/rt/__visit_globals";
const VISIT = "~lib/rt/tcms/__visit";
/** Bytes before a managed object, and where its class stands in them. */
const HEADER = 20;
const RUNTIME_ID = 12;
/** Classes whose objects refer to no others: ArrayBuffer and String. */
const LEAVES: readonly number[] = [1, 2];

/**
 * Leaves out of the collector's roots what needs no mark: globals that nothing reads any more, since the exports that did are gone, and
 * constant strings. asc lists every global that holds an object.
 */
export function trimRoots(module: Module): void {
  const visit = module.getFunction(VISIT_GLOBALS);
  if (!visit) return;
  const wat = module.emitText();
  const data = readStaticData(module);
  const start = wat.indexOf(`(func $${VISIT_GLOBALS} `);
  const end = wat.indexOf("\n (func ", start);
  const reads = countReads(wat);
  const roots = [...countReads(wat.slice(start, end < 0 ? undefined : end)).keys()];
  const cookie = module.local.get(0, binaryen.i32);
  const visits = roots
    .filter(name => (reads.get(name) ?? 0) > 1 && !isLeaf(module, name, data))
    .map(name => module.call(VISIT, [module.global.get(name, binaryen.i32), cookie], binaryen.none));
  functions.setBody(visit, module.block(null, visits));
}

function countReads(wat: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, quoted, plain] of wat.matchAll(/\(global\.get \$(?:"([^"]*)"|([^\s()]+))\)/g)) {
    const name = quoted ?? plain ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Whether a global is a constant, and holds a constant that refers to nothing. */
function isLeaf(module: Module, name: string, data: readonly Segment[]): boolean {
  const { mutable, init } = binaryen.getGlobalInfo(module.getGlobal(name));
  if (mutable) return false;
  const object = Number((binaryen.getExpressionInfo(init) as binaryen.ConstInfo).value);
  const found = data.find(({ at, data }) => object - HEADER >= at && object < at + data.length);
  if (!found) return false;
  const header = new DataView(found.data.buffer, found.data.byteOffset + object - HEADER - found.at);
  return LEAVES.includes(header.getUint32(RUNTIME_ID, true));
}
