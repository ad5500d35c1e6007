import binaryen from "assemblyscript/binaryen";
import { Block, describe, type Expression, If, Loop, partsOf } from "../expressions.ts";
import { functions, type Module } from "../module.ts";

/** asc's name for where the frames end that it makes with `--stackSize`. */
export const STACK_POINTER = "~lib/memory/__stack_pointer";
const CHECK = "~stack_check";

/** Takes the frames, in which asc keeps what a function's variables refer to, out of all functions but these. */
export function keepFrames(module: Module, names: Iterable<string>, kept: ReadonlySet<string>): void {
  for (const name of names) {
    const found = module.getFunction(name);
    const body = functions.getBody(found);
    if (!body || kept.has(name)) continue;
    if (isOfFrame(describe(body))) functions.setBody(found, withoutFrame(module, body));
    clear(module, functions.getBody(found));
  }
}

/** Replaces what belongs to a frame, below an expression; all of it are statements. */
function clear(module: Module, expression: number): void {
  const info = describe(expression);
  const replaced = (part: number, set: (replacement: number) => void): void => {
    if (part && isOfFrame(describe(part))) set(withoutFrame(module, part));
  };
  if (info.id === binaryen.BlockId) {
    const block = new Block(expression);
    for (const [index, part] of block.children.entries()) replaced(part, next => block.setChildAt(index, next));
  } else if (info.id === binaryen.IfId) {
    const branch = new If(expression);
    replaced(branch.ifTrue, next => branch.setIfTrue(next));
    replaced(branch.ifFalse, next => branch.setIfFalse(next));
  } else if (info.id === binaryen.LoopId) {
    const loop = new Loop(expression);
    replaced(loop.body, next => loop.setBody(next));
  }
  for (const part of partsOf(describe(expression))) clear(module, part);
}

function isOfFrame(info: Expression): boolean {
  switch (info.id) {
    case binaryen.GlobalSetId:
      return info.name === STACK_POINTER;
    case binaryen.CallId:
      // Compat has made calls of what fills memory.
      return info.target === CHECK || isStackPointer((info.operands as readonly number[])[0]);
    case binaryen.StoreId:
      return isStackPointer(info.ptr);
    case binaryen.MemoryFillId:
      return isStackPointer(info.dest);
    default:
      return false;
  }
}

function isStackPointer(expression: unknown): boolean {
  if (!expression) return false;
  const info = describe(expression as number);
  return info.id === binaryen.GlobalGetId && info.name === STACK_POINTER;
}

/** What a store keeps is often assigned to a variable by the way. */
function withoutFrame(module: Module, expression: number): number {
  const info = describe(expression);
  return info.id === binaryen.StoreId ? module.drop(info.value as number) : module.nop();
}
