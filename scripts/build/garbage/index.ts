import binaryen from "assemblyscript/binaryen";
import { Loop } from "../expressions.ts";
import { functions, type Module } from "../module.ts";
import type { Usage } from "../usage.ts";
import { findPlaces } from "./places.ts";
import { keepFrames, STACK_POINTER } from "./shadow-stack.ts";

/** asc's option for frames, with room for functions that call themselves some thousand times; what is not used costs nothing. */
export const KEEP_FRAMES: readonly string[] = ["--stackSize", "262144"];
/** The functions of assembly/sdk/loop-garbage.ts that the build has others call. */
export const LOOP_GARBAGE: readonly string[] = ["nextRound", "cleared", "renewed", "visitStack"];
const NEW = "~lib/rt/tcms/__new";
const RENEW = "~lib/rt/tcms/__renew";
const VISIT_GLOBALS = "~lib/rt/__visit_globals";

/** The filter has loops that make objects, and has to be compiled with frames. */
export class FramesNeeded extends Error {}

/** Has loops of the filter's that make objects collect garbage; see assembly/sdk/loop-garbage.ts. */
export function collectInLoops(module: Module, usage: Usage, hasFrames: boolean): void {
  for (const name of LOOP_GARBAGE) module.removeExport(name);
  const places = findPlaces(module, usage);
  const { graph, loops, owners } = places;
  if (owners.size > 0 && !hasFrames) throw new FramesNeeded();
  const folder = `${usage.sdkPath}loop-garbage/`;
  const look = (): number => module.call(`${folder}nextRound`, [], binaryen.none);
  for (const expression of loops) {
    const loop = new Loop(expression);
    loop.setBody(module.block(null, [look(), loop.body], binaryen.getExpressionType(loop.body)));
  }
  for (const name of places.functions) {
    const body = functions.getBody(module.getFunction(name));
    functions.setBody(module.getFunction(name), module.block(null, [look(), body], binaryen.getExpressionType(body)));
  }
  if (!hasFrames) return;
  keepFrames(module, graph.callers.keys(), graph.leadingTo(owners));
  clearNew(module, folder);
  keepOld(module, folder);
  visitFrames(module, folder);
}

/** Has new objects be empty at once, which the runtime for collections between callbacks can do without. */
function clearNew(module: Module, folder: string): void {
  const found = module.getFunction(NEW);
  const { params, results, vars } = binaryen.getFunctionInfo(found);
  module.addFunction(`${NEW}~inner`, params, results, vars, functions.getBody(found));
  const argument = (index: number): number => module.local.get(index, binaryen.i32);
  const object = module.call(`${NEW}~inner`, [argument(0), argument(1)], binaryen.i32);
  functions.setBody(found, module.call(`${folder}cleared`, [object, argument(0), argument(1)], binaryen.i32));
}

/** Has objects that grow stay where they were, too, until they are collected. */
function keepOld(module: Module, folder: string): void {
  const found = module.getFunction(RENEW);
  const [object, size] = [0, 1].map(index => module.local.get(index, binaryen.i32)) as [number, number];
  if (found) functions.setBody(found, module.call(`${folder}renewed`, [object, size], binaryen.i32));
}

/** Has the collector look at the frames, beside the globals. */
function visitFrames(module: Module, folder: string): void {
  const end = `${folder}stackEnd`;
  const { init } = binaryen.getGlobalInfo(module.getGlobal(STACK_POINTER));
  module.removeGlobal(end);
  module.addGlobal(end, binaryen.i32, false, module.copyExpression(init));
  const visit = module.getFunction(VISIT_GLOBALS);
  const frames = module.call(`${folder}visitStack`, [module.local.get(0, binaryen.i32)], binaryen.none);
  functions.setBody(visit, module.block(null, [functions.getBody(visit), frames]));
}
