const WIDTH = 24;

/** Says how far a long piece of work is: a line that is written over on a terminal, a line for each step elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #total = 0;
  #done = 0;
  #part = "";
  #shown = "";

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** A part of the work with that many steps begins. */
  begin(part: string, steps: number): void {
    this.#part = part;
    this.#total = steps;
    this.#done = 0;
  }

  /** What is being done now. */
  say(what: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r${progressLine(this.#part, what, this.#done, this.#total)}\x1b[K`);
    // Rounds repeat what they do; in a log once is enough.
    else if (this.#shown !== `${this.#part} ${what}`) this.#stream.write(`bench: ${this.#part}: ${what}\n`);
    this.#shown = `${this.#part} ${what}`;
  }

  /** A step is done. */
  step(): void {
    this.#done = Math.min(this.#total, this.#done + 1);
  }

  /** Removes the line, so that other output begins on one of its own. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K");
    this.#shown = "";
  }
}

/** `instructions #####-------------------  21 %  rust` */
export function progressLine(part: string, what: string, done: number, total: number): string {
  const share = total === 0 ? 1 : done / total;
  const full = Math.floor(share * WIDTH);
  return `${part} ${"#".repeat(full)}${"-".repeat(WIDTH - full)} ${`${Math.floor(share * 100)}`.padStart(3)} %  ${what}`;
}
