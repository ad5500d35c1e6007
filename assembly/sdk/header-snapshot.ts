/** Headers as they were when the snapshot was taken; see `HttpContext.snapshotRequestHeaders`. Names are in lower case; `host` is `:authority`, as in a request. */
export class HeaderSnapshot {
  constructor(
    private readonly allNames: string[],
    private readonly allValues: string[],
  ) {}

  /** The first value of header `name`, or null when there was none. */
  get(name: string): string | null {
    const at = this.allNames.indexOf(this.own(name));
    return at < 0 ? null : this.allValues[at];
  }

  /** All values of header `name`, in order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    name = this.own(name);
    for (let i = 0; i < this.allNames.length; i++) if (this.allNames[i] == name) values.push(this.allValues[i]);
    return values;
  }

  /** Whether there was a header `name`. */
  has(name: string): bool {
    return this.allNames.includes(this.own(name));
  }

  /** A request has its host as `:authority`. */
  private own(name: string): string {
    return name == "host" && !this.allNames.includes(name) ? ":authority" : name;
  }

  /** The names, each once for every value. */
  names(): string[] {
    return this.allNames;
  }
}
