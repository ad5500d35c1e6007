/** A place in a source: its number in the map, line and column counted from 0, as source maps do. */
export interface Location {
  readonly source: number;
  readonly line: number;
  readonly column: number;
}

/** A call in the program as it was before optimisation, by the names of scopes. */
export interface Call {
  readonly caller: string;
  readonly callee: string;
  readonly at: Location | null;
}

/** Whose code it is: a function, or what the compiler itself put into one from elsewhere (`@inline`). */
export interface Scope {
  /** Its place in the map's `names`. */
  readonly index: number;
  readonly name: string;
  /** The source that the function is declared in; null for what the compiler makes up. */
  readonly source: number | null;
}

/** What an `@inline` function becomes; asc's names for what has none look like this. */
export const INLINE = "~inline|";

/** Numbers the scopes of a program; the numbers go through the optimiser as the names of a source map do. */
export class Scopes {
  readonly names: string[] = [];
  readonly #sources: readonly { readonly prefix: string; readonly index: number }[];
  readonly #known = new Map<string, Scope>();

  constructor(sources: readonly string[]) {
    this.#sources = sources.map((path, index) => ({ prefix: path.replace(/\.ts$/, ""), index }));
  }

  /** `assembly/filters/x/filter/Filter#onRequestHeaders` is declared in assembly/filters/x/filter.ts, `start:index` is the top level of index.ts. */
  function(name: string): Scope {
    const path = name.replace(/^start:/, "");
    const declared = this.#sources.filter(({ prefix }) => path.startsWith(prefix) && /^(?:[/~]|$)/.test(path.slice(prefix.length)));
    const longest = declared.sort((a, b) => b.prefix.length - a.prefix.length)[0];
    return this.#get(name, () => name, longest?.index ?? null);
  }

  /** Code of another source within `host`, put there by the call at `at`; one scope for each such call. */
  inlined(host: Scope, source: number, at: Location | null): { readonly scope: Scope; readonly fresh: boolean } {
    const key = `${host.index} ${source} ${at?.line}:${at?.column}`;
    const fresh = !this.#known.has(key);
    return { scope: this.#get(key, index => `${INLINE}${index}`, source), fresh };
  }

  #get(key: string, name: (index: number) => string, source: number | null): Scope {
    const known = this.#known.get(key);
    if (known) return known;
    const index = this.names.length;
    const scope = { index, name: name(index), source };
    this.names.push(scope.name);
    this.#known.set(key, scope);
    return scope;
  }
}
