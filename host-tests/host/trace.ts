/** One crossing between host and module. */
export interface Crossing {
  /** `callback`: the host called the module; `hostcall`: the module called the host. */
  readonly kind: "callback" | "hostcall";
  /** `proxy_on_request_headers`, `env.proxy_log`, `wasi_snapshot_preview1.fd_write`. */
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  /** What came back; null when nothing does; undefined while it is under way, and after a trap. */
  result?: number | null | undefined;
  /** In which callback a hostcall was made; null for callbacks that the host made by itself. */
  readonly within: string | null;
}

type Half = [crossing: Crossing, isReturn: boolean];

/** Every crossing, in order. The oldest half is dropped when there are more than `limit`. */
export class CallTrace {
  #halves: Half[] = [];
  readonly #limit: number;
  /** How many halves were dropped. */
  dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  begin(crossing: Crossing): Crossing {
    if (this.#limit > 0) this.#add([crossing, false]);
    return crossing;
  }

  end(crossing: Crossing, result: number | null): void {
    crossing.result = result;
    if (this.#limit > 0) this.#add([crossing, true]);
  }

  /** The crossings in the order in which they began. */
  get crossings(): Crossing[] {
    return this.#halves.filter(([, isReturn]) => !isReturn).map(([crossing]) => crossing);
  }

  /** The hostcalls of a name, with or without `env.`. */
  calls(name: string): Crossing[] {
    return this.crossings.filter(crossing => crossing.name === name || crossing.name === `env.${name}`);
  }

  /** Lines in the style and order of proxy-wasm-cpp-host's trace, which Envoy writes at the log level trace of `wasm`. */
  get lines(): string[] {
    return this.#halves.map(([crossing, isReturn]) => line(crossing, isReturn));
  }

  /** A point to go back to with `forgetSince`. */
  mark(): number {
    return this.#halves.length + this.dropped;
  }

  forgetSince(mark: number): void {
    this.#halves.length = Math.max(0, Math.min(this.#halves.length, mark - this.dropped));
  }

  clear(): void {
    this.#halves = [];
    this.dropped = 0;
  }

  #add(half: Half): void {
    if (this.#halves.length >= this.#limit) {
      const cut = Math.ceil(this.#limit / 2);
      this.#halves = this.#halves.slice(cut);
      this.dropped += cut;
    }
    this.#halves.push(half);
  }
}

function line({ kind, name, args, result }: Crossing, isReturn: boolean): string {
  const arrow = kind === "callback" ? (isReturn ? "host<-vm" : "host->vm") : isReturn ? "vm<-host" : "vm->host";
  return isReturn ? `[${arrow}] ${name} return: ${result ?? "void"}` : `[${arrow}] ${name}(${args.join(", ")})`;
}
