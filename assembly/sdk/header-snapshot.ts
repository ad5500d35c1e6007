/** Headers as they were when the snapshot was taken; see `HttpContext.snapshotRequestHeaders`. Names are in lower case. */
export class HeaderSnapshot {
  constructor(
    private readonly allNames: string[],
    private readonly allValues: string[],
  ) {}

  /** The first value of header `name`, or null when there was none. */
  get(name: string): string | null {
    const at = this.allNames.indexOf(name);
    return at < 0 ? null : this.allValues[at];
  }

  /** All values of header `name`, in order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    for (let i = 0; i < this.allNames.length; i++) if (this.allNames[i] == name) values.push(this.allValues[i]);
    return values;
  }

  /** Whether there was a header `name`. */
  has(name: string): bool {
    return this.allNames.includes(name);
  }

  /** The names, each once for every value. */
  names(): string[] {
    return this.allNames;
  }
}
