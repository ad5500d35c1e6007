import { Edits } from "./compat/edits.ts";

/** Prints a node of a compiler's syntax tree. */
export type PrintNode = (node: object) => string;

interface Node {
  readonly range: { readonly start: number; readonly end: number };
  /** Of a class. */
  members?: readonly Node[];
}

interface Source {
  /** `assembly/index.ts`, or `~lib/package/file.ts`. */
  readonly normalizedPath: string;
  readonly text: string;
  readonly statements: readonly Node[];
}

interface Parser {
  readonly sources: readonly Source[];
}

/** A statement, or a member of a class, as it was. */
interface Known {
  readonly text: string | null;
  /** What stands around the members. */
  readonly frame: string | null;
  readonly members: readonly Node[];
}

/** Stops a compiler that has done what it was started for. */
class Finished extends Error {}

/** What transforms of the syntax tree make of the text of files: as little of it changes as can be, and what is added stays on its line. */
export class TransformedText {
  /** The texts of files that were changed. */
  readonly changed = new Map<string, string>();
  finished = false;
  readonly #print: PrintNode;
  readonly #sources = new Map<Source, readonly Node[]>();
  readonly #known = new Map<Node, Known>();

  constructor(print: PrintNode) {
    this.#print = print;
  }

  /** Before the transforms. */
  readonly remember = ({ sources }: Parser): void => {
    for (const source of sources.filter(each => !STANDARD.test(each.normalizedPath))) {
      this.#sources.set(source, [...source.statements]);
      for (const statement of source.statements) {
        this.#know(statement);
        for (const member of statement.members ?? []) this.#know(member);
      }
    }
  };

  /** After them. */
  readonly finish = ({ sources }: Parser): void => {
    for (const source of sources) {
      const before = this.#sources.get(source);
      if (before) this.#compare(source, before);
      else if (!STANDARD.test(source.normalizedPath)) this.changed.set(source.normalizedPath, this.#printAll(source.statements));
    }
    this.finished = true;
    throw new Finished("the syntax tree is read");
  };

  #know(node: Node): void {
    this.#known.set(node, { text: this.#tryPrint(node), frame: this.#frameOf(node), members: [...(node.members ?? [])] });
  }

  #compare(source: Source, before: readonly Node[]): void {
    const edits = new Edits(source.text);
    for (const gone of before.filter(each => !source.statements.includes(each))) edits.replace(gone, blank(source.text, gone));
    let added: Node[] = [];
    for (const statement of source.statements) {
      const known = this.#known.get(statement);
      if (!known) added.push(statement);
      else {
        if (added.length > 0) edits.insert(statement.range.start, `${this.#printAll(added)} `);
        added = [];
        this.#compareStatement(statement, known, edits);
      }
    }
    if (added.length > 0) edits.append(`\n${this.#printAll(added)}`);
    const text = edits.apply();
    if (text !== source.text) this.changed.set(source.normalizedPath, text);
  }

  #compareStatement(statement: Node, known: Known, edits: Edits): void {
    const members = statement.members ?? [];
    const added = members.filter(each => !known.members.includes(each));
    const [text, frame] = [this.#tryPrint(statement), this.#frameOf(statement)];
    if (text === known.text && added.length === 0) return;
    const onlyAdded =
      known.frame !== null &&
      frame === known.frame &&
      known.members.every(each => members.includes(each) && this.#tryPrint(each) === this.#known.get(each)?.text);
    if (onlyAdded) edits.insert(statement.range.end - 1, ` ${this.#printAll(added)} `);
    else edits.replace(statement, this.#printAll([statement]));
  }

  /** A class without its members; they hold nearly all that a transform changes. */
  #frameOf(node: Node): string | null {
    const { members } = node;
    if (!members) return null;
    node.members = [];
    const frame = this.#tryPrint(node);
    node.members = members;
    return frame;
  }

  /** Compilers print most of what they parse, and not all. */
  #tryPrint(node: Node): string | null {
    try {
      return this.#print(node);
    } catch {
      return null;
    }
  }

  #printAll(nodes: readonly Node[]): string {
    return nodes.map(node => onOneLine(this.#print(node))).join(" ");
  }
}

/** The compiler's own library, which it needs no text for. */
const STANDARD =
  /^~lib\/(?:rt|util|shared|bindings|memory|polyfills|performance)\/|^~lib\/(?!(?:@[^/]+\/)?[^/]+\/)[^/]+\.ts$|^(?:~lib\/)?rt\//;

/** The printer writes no comments, no line breaks in texts, and ends every statement. */
function onOneLine(text: string): string {
  const lines = text
    .split("\n")
    .map(line => line.trim())
    .filter(line => line !== "");
  return lines.reduce((whole, line) => whole + (whole.endsWith("}") && !CONTINUES.test(line) ? "; " : " ") + line, "").trim();
}

/** What may follow a closing brace in the same statement. */
const CONTINUES = /^(?:[;,.)\]}]|else\b|while\b|catch\b|finally\b)/;

/** As many lines as there were. */
function blank(text: string, { range: { start, end } }: Node): string {
  return text.slice(start, end).replace(/[^\n]/g, " ");
}
