import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BuildError } from "./errors.ts";

/**
 * Reads the JSON Schema of a filter's configuration; null when the file does not exist.
 *
 * A module carries its schema alone, so other files that it refers to by a relative `$ref` are put in place of the reference.
 * A reference within such a file (`#/…`) is turned into one from the root of the whole.
 */
export function readConfigSchema(file: string): unknown {
  return existsSync(file) ? inline(parse(file), { file, home: "#", here: "#", open: [file] }) : null;
}

/** Keywords that only tell and do not check, so that a nearer one may replace another. */
const ANNOTATIONS = ["title", "description", "default", "examples", "deprecated", "$comment"];

interface Position {
  /** The file that is being read. */
  readonly file: string;
  /** Where this file's own root stands in the whole, as a reference. */
  readonly home: string;
  readonly here: string;
  /** The files that are being put in place of references, outermost first. */
  readonly open: readonly string[];
}

function inline(node: unknown, at: Position): unknown {
  if (Array.isArray(node)) return node.map((item, index) => inline(item, below(at, String(index))));
  if (typeof node !== "object" || node === null) return node;
  const { $ref, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inline(value, below(at, key))]));
  if (typeof $ref !== "string") return $ref === undefined ? rest : { $ref, ...rest };
  if ($ref.startsWith("#")) return { $ref: at.home + $ref.slice(1), ...rest };
  // An absolute address, such as that of a meta-schema, is left to whoever validates.
  if (URL.canParse($ref)) return { $ref, ...rest };
  const more = Object.keys(rest).find(key => !ANNOTATIONS.includes(key));
  if (more) throw refused(at.file, `has "${more}" beside a $ref to ${$ref}; put both into an allOf`);
  const { $schema: _, $id: __, ...referred } = readReferred($ref, at);
  // What is said about this place is worth more than what is said about the file.
  return { ...referred, ...rest };
}

function readReferred(reference: string, at: Position): Record<string, unknown> {
  const file = resolve(dirname(at.file), reference);
  if (reference.includes("#"))
    throw refused(at.file, `refers to ${reference}; only whole files can be put in place, so move that part to one`);
  if (!existsSync(file)) throw refused(at.file, `refers to ${reference}, which is not there; correct the path`);
  if (at.open.includes(file)) throw refused(at.file, `refers to ${reference}, which is being read already; break the circle`);
  const schema = inline(parse(file), { file, home: at.here, here: at.here, open: [...at.open, file] });
  if (typeof schema !== "object" || schema === null)
    throw refused(at.file, `refers to ${reference}, which is no object; correct that file`);
  return schema as Record<string, unknown>;
}

/** JSON Pointer, RFC 6901. */
function below(at: Position, key: string): Position {
  return { ...at, here: `${at.here}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}` };
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw refused(file, `is not valid JSON: ${(error as Error).message}; correct it`, error);
  }
}

function refused(file: string, text: string, cause?: unknown): BuildError {
  return new BuildError("config-schema", `build: ${file} ${text}`, { cause });
}
