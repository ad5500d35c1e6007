import { StringDecoder } from "node:string_decoder";

/** How long a line that has to come may take: generous, because a wait that holds costs nothing, and one that gives up early fails a good test. */
const PATIENCE_MS = 30_000;

/**
 * Lines of a log as they arrive: kept, searchable, and awaited.
 * Envoy writes what a filter logs here too, so a test reads the filter's own words from it.
 */
export class LineLog {
  readonly lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #mark: RegExp | undefined;
  #marks = 0;

  /** Lines that match `mark` are counted instead of kept, see `waitForMarks`. */
  constructor(mark?: RegExp) {
    this.#mark = mark;
  }

  /** A sink for one stream's bytes; lines of two streams are not mixed within a line. */
  sink(): (chunk: Buffer) => void {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    return chunk => {
      const parts = (rest + decoder.write(chunk)).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) this.#add(line.endsWith("\r") ? line.slice(0, -1) : line);
    };
  }

  /** Calls `listener` with each line from now on; returns the function that ends it. */
  follow(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The lines that match, oldest first; all without a pattern. */
  search(pattern?: RegExp | string): string[] {
    if (pattern === undefined) return [...this.lines];
    return this.lines.filter(line => matches(line, pattern));
  }

  /** The first line at or after `from` that matches, waiting for it when it is not there yet. */
  waitFor(pattern: RegExp | string, { timeoutMs = PATIENCE_MS, from = 0 } = {}): Promise<string> {
    const found = this.lines.slice(from).find(line => matches(line, pattern));
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const stop = this.follow(line => {
        if (!matches(line, pattern)) return;
        clearTimeout(timer);
        stop();
        resolve(line);
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`no line in Envoy's log matched ${pattern} within ${timeoutMs} ms; its last lines:\n${this.tail(15)}`));
      }, timeoutMs);
    });
  }

  /** Waits until that many marks have come since the start: what was written before the last of them is in `lines` then. */
  async waitForMarks(count: number, timeoutMs = PATIENCE_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.#marks < count) {
      if (Date.now() > deadline)
        throw new Error(`mark ${count} of Envoy's log did not come within ${timeoutMs} ms; its last lines:\n${this.tail(15)}`);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  }

  tail(count: number): string {
    return this.lines
      .slice(-count)
      .map(line => `  ${line}`)
      .join("\n");
  }

  #add(line: string): void {
    if (this.#mark?.test(line)) {
      this.#marks++;
      return;
    }
    this.lines.push(line);
    for (const listener of [...this.#listeners]) listener(line);
  }
}

function matches(line: string, pattern: RegExp | string): boolean {
  if (typeof pattern === "string") return line.includes(pattern);
  pattern.lastIndex = 0;
  return pattern.test(line);
}
