import { functionBodies } from "../abi/code-section.ts";
import { functionNames } from "../abi/name-section.ts";
import { Cursor, readWasm } from "../abi/wasm-reader.ts";
import { CALL, I32_CONST, I64_CONST, instructionsOf } from "./instructions.ts";
import { isObject, packSegments } from "./pack.ts";
import { dataSegments, type Segment } from "./static-strings.ts";
import type { Step } from "./step.ts";
import { encodeLeb, joinSections, type RawSection, splitSections } from "./wasm-sections.ts";

/** The SDK's function that unpacks; the transform puts a call to it before everything else. */
export const UNPACK = "abi/static-data/unpackStaticData";

const GLOBALS = 6;
const DATA = 11;
const DATA_COUNT = 12;
const END = 0x0b;

/**
 * Packs the constants in a module's memory, and drops those that no code refers to: asc also writes those of code that is gone. Text is UTF-16
 * there, and each constant string has a header, so that packed it takes a third.
 */
export const staticData: Step = {
  name: "static-data",
  async run(artifact, { debug }) {
    return debug ? artifact : { ...artifact, wasm: packStaticData(artifact.wasm) };
  },
};

/** A module without the SDK's function stays as it is. */
export function packStaticData(wasm: Uint8Array): Uint8Array {
  const { constants, packedAt } = readCode(wasm);
  if (packedAt === null) return wasm;
  const packed = packSegments(reachable(dataSegments(wasm), [...constants, ...globalConstants(wasm)]));
  const at = [0, I32_CONST, ...encodeSigned(packedAt), END];
  const data = Buffer.concat([Uint8Array.of(1, ...at, ...encodeLeb(packed.length)), packed]);
  return joinSections(splitSections(wasm).map(section => replaced(section, data)));
}

/** The number of segments keeps its length in bytes: it stands before the code, whose offsets the source map has. */
function replaced(section: RawSection, data: Uint8Array): RawSection {
  if (section.id === DATA) return { ...section, contents: data };
  if (section.id !== DATA_COUNT) return section;
  const contents = new Uint8Array(section.contents.length).fill(0x80);
  contents[contents.length - 1] = 0;
  contents[0] = (contents[0] as number) + 1;
  return { ...section, contents };
}

/** All constants of the code, and the one that the function that unpacks is called with. */
function readCode(wasm: Uint8Array): { constants: Set<number>; packedAt: number | null } {
  const outline = readWasm(wasm);
  const imported = outline.imports.filter(({ kind }) => kind === "function").length;
  const unpack = [...functionNames(outline)].find(([, name]) => name.endsWith(UNPACK))?.[0];
  const constants = new Set<number>();
  let packedAt: number | null = null;
  for (const body of functionBodies(wasm, imported)) {
    let last = 0;
    for (const { opcode, operand } of instructionsOf(wasm, body)) {
      if (opcode === CALL && operand === unpack) packedAt = last;
      if (opcode !== I32_CONST && opcode !== I64_CONST) continue;
      last = operand;
      constants.add(operand >>> 0);
    }
  }
  return { constants, packedAt };
}

/** What globals begin with. */
function globalConstants(wasm: Uint8Array): number[] {
  const found: number[] = [];
  for (const { id, contents } of splitSections(wasm)) {
    if (id !== GLOBALS) continue;
    const globals = new Cursor(contents, 0, contents.length);
    globals.vector(() => {
      globals.byte(); // type
      globals.byte(); // whether it can change
      const start = globals.offset;
      while (globals.byte() !== END);
      for (const { operand } of instructionsOf(Uint8Array.of(0, ...contents.subarray(start, globals.offset)), {
        start: 0,
        end: globals.offset - start + 1,
      }))
        found.push(operand >>> 0);
    });
  }
  return found;
}

/**
 * All but the objects that none of the addresses lies in, nor any word of those that are left: asc makes a segment for each constant, and code
 * knows an object by its address. What is no object, a `memory.data`, code may reach by a sum of any two numbers.
 */
function reachable(all: readonly Segment[], addresses: Iterable<number>): Segment[] {
  const sorted = [...all].sort((a, b) => a.at - b.at);
  const reached = new Set(sorted.filter(each => !isObject(each)));
  const pending = [...addresses, ...[...reached].flatMap(words)];
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    const found = segmentAt(sorted, address);
    if (!found || reached.has(found)) continue;
    reached.add(found);
    pending.push(...words(found));
  }
  return sorted.filter(each => reached.has(each));
}

function segmentAt(sorted: readonly Segment[], address: number): Segment | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Segment).at <= address) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low - 1];
  return found && address < found.at + found.data.length ? found : undefined;
}

/** The aligned words of a segment, any of which may be an address. */
function words({ at, data }: Segment): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const found: number[] = [];
  for (let offset = -at & 3; offset + 4 <= data.length; offset += 4) found.push(view.getUint32(offset, true));
  return found;
}

function encodeSigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f;
    if (rest >> 6 === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
