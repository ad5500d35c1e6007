import type { Entry } from "../entry.ts";
import { BuildError } from "../errors.ts";
import { exportNamesOf, type ReadModule } from "./export-names.ts";

/** The packages that `assembly/compat` stands in for, and what of it each of their files is. */

/** Files by their path in the package, without `assembly/`, `/index` and `.ts`; the package itself is "". */
type Files = Readonly<Record<string, string>>;

const CALLBACKS = { proxy: "compat/proxy", exports: "compat/proxy", malloc: "compat/malloc", imports: "compat/imports" } as const;
const SOLO: Files = { ...CALLBACKS, "": "compat/solo/index", runtime: "compat/solo/index" };
const KONG: Files = { ...CALLBACKS, "": "compat/kong/index", runtime: "compat/kong/index" };
const GCORE: Files = {
  ...CALLBACKS,
  "": "compat/gcore/index",
  runtime: "compat/gcore/index",
  fastedge: "compat/gcore/fastedge",
  "fastedge/dictionary": "compat/gcore/fastedge",
  "fastedge/env": "compat/gcore/fastedge",
  "fastedge/kvStore": "compat/gcore/fastedge",
  "fastedge/secrets": "compat/gcore/fastedge",
  "fastedge/utils": "compat/gcore/fastedge",
  "fastedge/utils/listParser": "compat/gcore/fastedge",
  "fastedge/utils/runtime": "compat/gcore/fastedge",
};
const HIGRESS: Files = { ...CALLBACKS, "": "compat/higress/index", runtime: "compat/higress/index" };

const PACKAGES: Readonly<Record<string, Files>> = {
  "@solo-io/proxy-runtime": SOLO,
  // Before it had its name: there the package itself was the callbacks.
  "@solo-io/envoy": { ...SOLO, "": "compat/proxy" },
  "@kong/proxy-wasm-sdk": KONG,
  "@gcoredev/proxy-wasm-sdk-as": GCORE,
  "@higress/proxy-wasm-assemblyscript-sdk": HIGRESS,
};

/** The compiler looks for what a package imports below that package first, and that is not the package's own. */
const FILE = /[\\/]node_modules[\\/](@[\w-]+[\\/][\w-]+)[\\/](?!.*node_modules[\\/])(.+)\.ts$/;

/** What compat gives in the place of a file. */
export interface StandIn {
  /** The package that a filter was written for. */
  readonly package: string;
  /** The file of compat that it is, by its path in `assembly/`; null when the package has no such file. */
  readonly target: string | null;
  /** The file's path in the package, as an import names it. */
  readonly path: string;
}

/** Whether a file that the compiler asks for belongs to one of the packages; null when it does not. */
export function findStandIn(file: string): StandIn | null {
  const match = FILE.exec(file);
  const name = match?.[1]?.replace("\\", "/") ?? "";
  const files = PACKAGES[name];
  if (!match?.[2] || !files) return null;
  const path = match[2].replaceAll("\\", "/").replace(/(^|\/)index$/, "");
  return { package: name, path, target: files[path.replace(/^assembly(\/|$)/, "")] ?? null };
}

/** What `standInText` makes. */
export const STAND_IN = /^export [^;]+ from "meshwright\/assembly\/[^"]+";\n$/;

/** A file of one line that hands on to compat. It names everything that the SDK has. */
export async function standInText(target: string, read: ReadModule): Promise<string> {
  const names = target === CALLBACKS.proxy ? [] : [...(await exportNamesOf(target, read))];
  return `export ${names.length === 0 ? "*" : `{ ${names.join(", ")} }`} from "meshwright/assembly/${target}";\n`;
}

const PACKAGE = /^(.*[\\/]node_modules[\\/])((?:@[\w.-]+[\\/])?[\w.-]+)[\\/](?!assembly[\\/])(.+)\.ts$/;

/** The same file below the package's folder `assembly`, and how a program names it; null for what is in no package. */
export function inAssembly(file: string): { readonly file: string; readonly name: string } | null {
  const [, folder, name, path] = PACKAGE.exec(file) ?? [];
  if (!folder || !name || !path) return null;
  return { file: `${folder}${name}/assembly/${path}.ts`, name: `${name.replace("\\", "/")}/assembly/${path.replaceAll("\\", "/")}` };
}

/** Stops a compilation that began with the SDK's callbacks: a module has room for those of one API. */
export class CompatFound extends Error {
  readonly standIn: StandIn;

  constructor(standIn: StandIn) {
    super(`${standIn.package} was found`);
    this.standIn = standIn;
  }
}

/** The file that asc compiles in place of the entry's wrapper. */
export function compatWrapper({ wrapper, sdkPath }: Entry): string {
  const [user] = wrapper.text.split("\n");
  return `${user}\nexport * from "${sdkPath.replace(/^~lib\//, "").replace(/sdk$/, "compat/proxy")}";\n`;
}

/** Flags that have the compiler take globals from compat which it has otherwise, or has not at all. */
export function compatGlobals({ sdkPath }: Entry): string[] {
  const file = sdkPath.replace(/sdk$/, "compat/shim");
  return ["console", "crypto", "process", "trace"].flatMap(name => ["--use", `${name}=${file}/${name}`]);
}

/** Said once when a filter is built with compat. */
export function compatNote({ name }: Entry, { package: from }: StandIn): string {
  return `build: ${name} is written for ${from}; Meshwright's compat stands in for it (--no-compat compiles the installed package)`;
}

/** A file that a package never had. */
export function unknownFile({ name }: Entry, { package: from, path }: StandIn): BuildError {
  const known = Object.keys(PACKAGES[from] ?? {}).filter(each => each !== "");
  const text = `build: ${name} imports ${from}/${path}, which compat does not have`;
  return new BuildError(
    "compat",
    `${text}; import what it takes from "${from}" itself, which has everything (its files: ${known.join(", ")})`,
  );
}
