import { Cursor, MalformedWasmError } from "../abi/wasm-reader.ts";

export const BLOCK = 0x02;
export const IF = 0x04;
export const ELSE = 0x05;
export const END = 0x0b;
export const CALL = 0x10;
export const I32_CONST = 0x41;
export const I64_CONST = 0x42;

/** One instruction of a function's code. */
export interface Instruction {
  /** From the first byte of the module. */
  readonly offset: number;
  readonly opcode: number;
  /** The function that is called, or the constant, of one with 64 bits the low word; 0 for everything else. */
  readonly operand: number;
}

/**
 * Reads a function's code. Knows what asc emits with the features that the build enables: the first version of WebAssembly with
 * sign extension, saturating conversion and bulk memory.
 *
 * Spec: WebAssembly core, "Binary format / Instructions"
 */
export function* instructionsOf(bytes: Uint8Array, { start, end }: { start: number; end: number }): Generator<Instruction> {
  const code = new Cursor(bytes, start, end);
  code.vector(() => {
    code.leb(); // how many locals
    code.byte(); // of which type
  });
  while (!code.done) {
    const { offset } = code;
    const opcode = code.byte();
    yield { offset, opcode, operand: readOperands(code, opcode) };
  }
}

/** Opcodes and how many numbers follow them; ranges are inclusive. What is not here is read below, or has none. */
const NUMBERS: readonly (readonly [first: number, last: number, count: number])[] = [
  [0x02, 0x04, 1], // block, loop, if: the type
  [0x0c, 0x0d, 1], // br, br_if
  [0x11, 0x11, 2], // call_indirect
  [0x12, 0x12, 1], // return_call
  [0x13, 0x13, 2], // return_call_indirect
  [0x20, 0x26, 1], // locals, globals, tables
  [0x28, 0x3e, 2], // loads and stores: alignment, offset
  [0x3f, 0x40, 1], // memory.size, memory.grow
  [0xd0, 0xd0, 1], // ref.null
  [0xd2, 0xd2, 1], // ref.func
];

/** By opcode; a look into the list for each instruction would be half the time. */
const COUNTS = new Uint8Array(256);
for (const [first, last, count] of NUMBERS) COUNTS.fill(count, first, last + 1);

function readOperands(code: Cursor, opcode: number): number {
  if (opcode === CALL) return code.leb();
  if (opcode === I32_CONST) return signed(code);
  if (opcode === I64_CONST) return lowWord(code);
  if (opcode === 0x43)
    code.slice(4); // f32.const
  else if (opcode === 0x44)
    code.slice(8); // f64.const
  else if (opcode === 0x0e) {
    code.vector(() => code.leb()); // br_table
    code.leb();
  } else if (opcode === 0x1c)
    code.vector(() => code.byte()); // select with types
  else if (opcode === 0xfc) readExtended(code);
  else if (opcode > 0xd2) {
    throw new MalformedWasmError(`offset ${code.offset - 1} holds the instruction 0x${opcode.toString(16)}, which is not known here`);
  } else {
    for (let count = COUNTS[opcode] as number; count > 0; count--) skip(code);
  }
  return 0;
}

/** 0 to 7 convert; the others are bulk memory, with one or two numbers. */
function readExtended(code: Cursor): void {
  const operation = code.leb();
  if (operation <= 7) return;
  const count = [8, 10, 12, 14].includes(operation) ? 2 : 1;
  for (let i = 0; i < count; i++) code.leb();
}

/** A number of any length whose value does not matter. */
function skip(code: Cursor): void {
  while ((code.byte() & 0x80) !== 0);
}

function lowWord(code: Cursor): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = code.byte();
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return value;
  }
}

function signed(code: Cursor): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = code.byte();
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) !== 0) continue;
    return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
  }
}
