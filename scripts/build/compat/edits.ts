import type { SyntaxNode } from "../compiler.ts";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Changes to a text, all within their lines, so that what the compiler says of the changed text holds for the original. */
export class Edits {
  readonly text: string;
  readonly #edits: Edit[] = [];
  #after = "";

  constructor(text: string) {
    this.text = text;
  }

  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text });
  }

  replace({ range: { start, end } }: Pick<SyntaxNode, "range">, text: string): void {
    this.#edits.push({ start, end, text });
  }

  /** Adds to the end of the text, once. */
  append(text: string): void {
    if (!this.#after.includes(text)) this.#after += text;
  }

  apply(): string {
    let result = this.text;
    const latestFirst = this.#edits.map((edit, index) => ({ ...edit, index })).sort((a, b) => b.start - a.start || b.index - a.index);
    for (const { start, end, text } of latestFirst) result = result.slice(0, start) + text + result.slice(end);
    return result + this.#after;
  }
}
