import type { Signature, ValueType } from "./signature.ts";

/** The kind of an import or export. */
export type ExternalKind = "function" | "table" | "memory" | "global" | "tag";

export interface WasmImport {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Set for functions. */
  readonly signature?: Signature;
}

export interface WasmExport {
  readonly name: string;
  readonly kind: ExternalKind;
  /** Set for functions. */
  readonly signature?: Signature;
}

export interface CustomSection {
  readonly name: string;
  readonly contents: Uint8Array;
}

/** What a module says about itself at its edges; function bodies are not read. */
export interface WasmOutline {
  readonly imports: readonly WasmImport[];
  readonly exports: readonly WasmExport[];
  readonly hasStart: boolean;
  readonly customSections: readonly CustomSection[];
}

/** The bytes are no WebAssembly module; the message says at which offset reading failed. */
export class MalformedWasmError extends Error {
  override readonly name = "MalformedWasmError";
}

const VALUE_TYPES = new Map<number, ValueType>([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);
const KINDS: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];
const SECTION = { custom: 0, type: 1, import: 2, function: 3, export: 7, start: 8 };

/** NUL and "asm". */
const MAGIC = 0x6d736100;

/** Whether a file begins as modules do; what follows may still be none. */
export function isWasm(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new Cursor(bytes, 0, 4).u32() === MAGIC;
}

/**
 * Reads imports, exports, start section and custom sections.
 *
 * WebAssembly.Module tells names but not signatures, and Envoy refuses a module whose signatures differ.
 */
export function readWasm(bytes: Uint8Array): WasmOutline {
  const types: Signature[] = [];
  const functions: number[] = [];
  const imports: WasmImport[] = [];
  const exportEntries: { name: string; kind: ExternalKind; index: number }[] = [];
  const customSections: CustomSection[] = [];
  let hasStart = false;

  for (const { id, section } of sections(bytes)) {
    if (id === SECTION.custom) customSections.push({ name: section.text(), contents: section.rest() });
    else if (id === SECTION.type) section.vector(() => types.push(functionType(section)));
    else if (id === SECTION.import) section.vector(() => imports.push(importEntry(section, types, functions)));
    else if (id === SECTION.function) section.vector(() => functions.push(section.leb()));
    else if (id === SECTION.export) {
      section.vector(() => exportEntries.push({ name: section.text(), kind: externalKind(section), index: section.leb() }));
    } else if (id === SECTION.start) hasStart = true;
  }

  const exports = exportEntries.map(({ name, kind, index }): WasmExport => {
    const signature = kind === "function" ? types[functions[index] ?? -1] : undefined;
    if (kind === "function" && !signature) throw new MalformedWasmError(`export ${name} names function ${index}, which does not exist`);
    return signature ? { name, kind, signature } : { name, kind };
  });
  return { imports, exports, hasStart, customSections };
}

/**
 * Why a file is no module: another header, or not a row of whole sections, as one that was cut off. Null when it is one. What the sections
 * hold is not looked at: newer compilers write what is not known here.
 */
export function whyNoModule(bytes: Uint8Array): string | null {
  try {
    for (const _ of sections(bytes));
    return null;
  } catch (error) {
    if (error instanceof MalformedWasmError) return error.message;
    throw error;
  }
}

function* sections(bytes: Uint8Array): Generator<{ id: number; section: Cursor }> {
  const cursor = new Cursor(bytes, 0, bytes.length);
  if (bytes.length < 8 || cursor.u32() !== MAGIC || cursor.u32() !== 1) {
    throw new MalformedWasmError("it does not begin with the WebAssembly 1.0 header");
  }
  while (!cursor.done) {
    const id = cursor.byte();
    yield { id, section: cursor.slice(cursor.leb()) };
  }
}

function functionType(cursor: Cursor): Signature {
  const form = cursor.byte();
  if (form !== 0x60)
    throw new MalformedWasmError(`offset ${cursor.offset - 1} holds type form 0x${form.toString(16)}, not a function type`);
  return { params: valueTypes(cursor), results: valueTypes(cursor) };
}

function valueTypes(cursor: Cursor): ValueType[] {
  const types: ValueType[] = [];
  cursor.vector(() => {
    const type = VALUE_TYPES.get(cursor.byte());
    if (!type) throw new MalformedWasmError(`offset ${cursor.offset - 1} holds no value type`);
    types.push(type);
  });
  return types;
}

function importEntry(cursor: Cursor, types: readonly Signature[], functions: number[]): WasmImport {
  const module = cursor.text();
  const name = cursor.text();
  const kind = externalKind(cursor);
  if (kind === "function") {
    const type = cursor.leb();
    const signature = types[type];
    if (!signature) throw new MalformedWasmError(`import ${module}.${name} names type ${type}, which does not exist`);
    functions.push(type);
    return { module, name, kind, signature };
  }
  // The details of other kinds do not matter here; they are skipped to reach the next entry.
  if (kind === "table") cursor.byte();
  if (kind === "table" || kind === "memory") {
    const hasMaximum = (cursor.byte() & 1) !== 0;
    cursor.leb();
    if (hasMaximum) cursor.leb();
  }
  if (kind === "global" || kind === "tag") {
    cursor.byte();
    cursor.leb();
  }
  return { module, name, kind };
}

function externalKind(cursor: Cursor): ExternalKind {
  const kind = KINDS[cursor.byte()];
  if (!kind) throw new MalformedWasmError(`offset ${cursor.offset - 1} holds no kind of import or export`);
  return kind;
}

/** Reads from left to right and never past its end. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  get offset(): number {
    return this.#position;
  }

  byte(): number {
    const value = this.done ? undefined : this.#bytes[this.#position];
    if (value === undefined) throw new MalformedWasmError(`it ends at offset ${this.#position} in the middle of an entry`);
    this.#position++;
    return value;
  }

  /** A fixed little-endian word, as in the header. */
  u32(): number {
    return (this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)) >>> 0;
  }

  /** An unsigned LEB128 number of up to 32 bits. */
  leb(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw new MalformedWasmError(`offset ${this.#position} holds a number of more than 32 bits`);
  }

  slice(length: number): Cursor {
    const start = this.#position;
    if (start + length > this.#end) throw new MalformedWasmError(`the part at offset ${start} is longer than what is left`);
    this.#position += length;
    return new Cursor(this.#bytes, start, start + length);
  }

  rest(): Uint8Array {
    const start = this.#position;
    this.#position = this.#end;
    return this.#bytes.subarray(start, this.#end);
  }

  text(): string {
    return new TextDecoder().decode(this.slice(this.leb()).rest());
  }

  vector(read: () => void): void {
    for (let count = this.leb(); count > 0; count--) read();
  }
}
