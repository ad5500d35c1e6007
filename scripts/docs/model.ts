/** What the sources of `meshwright/assembly` declare for filters. */
export interface Api {
  readonly symbols: readonly ApiSymbol[];
}

export interface ApiSymbol {
  readonly name: string;
  readonly kind: "class" | "enum" | "function" | "type" | "constant";
  /** From the repository's folder: `assembly/sdk/body.ts`. */
  readonly file: string;
  /** `class HttpContextOf<P extends PluginContext> extends HttpContext`. */
  readonly signature: string;
  /** The class that it extends. */
  readonly base: string | null;
  /** The docstring; "" when there is none. */
  readonly doc: string;
  readonly members: readonly ApiMember[];
}

export interface ApiMember {
  readonly name: string;
  readonly kind: "constructor" | "method" | "property" | "value";
  readonly isStatic: boolean;
  readonly signature: string;
  readonly doc: string;
}

/** All that should have a docstring and has none, as `assembly/sdk/body.ts: Body.append`. What a constructor does its class says. */
export function undocumented(api: Api): string[] {
  return api.symbols.flatMap(symbol => [
    ...(symbol.doc === "" ? [`${symbol.file}: ${symbol.name}`] : []),
    ...symbol.members
      .filter(({ kind, doc }) => doc === "" && kind !== "constructor" && kind !== "value")
      .map(member => `${symbol.file}: ${symbol.name}.${member.name}`),
  ]);
}

/** Finds `Body.append`, inherited or not, or a function or class by its name alone. */
export function findInApi(api: Api, path: string): ApiSymbol | ApiMember | null {
  const [name = "", member] = path.split(".");
  for (let symbol = find(api, name); symbol; symbol = symbol.base === null ? null : find(api, symbol.base)) {
    if (member === undefined) return symbol;
    const found = symbol.members.find(each => each.name === member);
    if (found) return found;
  }
  return null;
}

function find(api: Api, name: string): ApiSymbol | null {
  return api.symbols.find(symbol => symbol.name === name) ?? null;
}
