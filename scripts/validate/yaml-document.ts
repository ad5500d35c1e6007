import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments } from "yaml";
import type { Keys, Problem } from "./finding.ts";

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
    } else if (document.contents !== null) {
      documents.push({ file, value: document.toJS(), position: keys => at(offsetOf(document, keys)) });
    }
  }
  return { documents, problems };
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
