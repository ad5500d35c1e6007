import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments } from "yaml";
import type { Keys, Problem } from "./finding.ts";
import { asObject, asText } from "./json-value.ts";

/** One document of a YAML file. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** Of the value at a path, or of what is nearest to it. Lines and columns from 1. */
  position(keys: Keys): { line: number; column: number };
}

/** Reads a file as Kubernetes and Envoy do, YAML 1.1; JSON is YAML. A document that is broken is told and left out. */
export function readDocuments(file: string, text: string): { documents: YamlDocument[]; problems: Problem[] } {
  const lineCounter = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  const parsed = parseAllDocuments(text, { version: "1.1", lineCounter, customTags: tags => tags.filter(tag => !isTimestamp(tag)) });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const error = document.errors[0];
    if (error) {
      const found = error.message.split("\n")[0]?.replace(/ at line \d+.*$/, "") ?? "an error";
      problems.push({ severity: "error", file, ...at(error.pos[0]), object: "", path: "", expected: "YAML", found });
      continue;
    }
    const { value, problem } = resolved(document);
    if (problem !== null)
      problems.push({ severity: "error", file, line: 1, column: 1, object: "", path: "", expected: "YAML", found: problem });
    else if (value !== null)
      documents.push(
        ...objectsIn(value).map(part => ({ file, ...part, position: (keys: Keys) => at(offsetOf(document, [...part.keys, ...keys])) })),
      );
  }
  return { documents, problems };
}

/** With aliases in place of what they name, which does not end well with every document. */
function resolved(document: Document.Parsed): { value: unknown; problem: string | null } {
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value);
    return { value, problem: null };
  } catch (error) {
    const problem = error instanceof ReferenceError ? "aliases that multiply what they name too often" : "an alias within what it names";
    return { value: null, problem };
  }
}

/** The items of a list, as `kubectl get` prints several objects. */
function objectsIn(value: unknown): { value: unknown; keys: Keys }[] {
  const { kind, items } = asObject(value);
  if (!asText(kind).endsWith("List") || !Array.isArray(items)) return [{ value, keys: [] }];
  return items.map((item: unknown, index) => ({ value: item, keys: ["items", index] }));
}

/** A date stays the text that it is, as Kubernetes reads it. */
function isTimestamp(tag: unknown): boolean {
  return tag === "timestamp" || (tag as { tag?: string }).tag === "tag:yaml.org,2002:timestamp";
}

function offsetOf(document: Document.Parsed, keys: Keys): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const key of keys) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key: own }) => isScalar(own) && sameName(String(own.value), String(key)));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(key)] as Node | undefined;
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

/** Protobuf's YAML has both spellings, `root_id` and `rootId`. */
function sameName(own: string, wanted: string): boolean {
  return own === wanted || own === camelCase(wanted);
}

export const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
