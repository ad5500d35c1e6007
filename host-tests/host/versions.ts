import { WASI_CALLS, WASI_SINCE_1_39 } from "../../scripts/abi/wasi.ts";
import { HostRefusal } from "./refusal.ts";

/** What differs between versions of Envoy; everything else is the same in all of them. */
export interface EnvoyDifferences {
  readonly version: string;
  /** WASI functions that a module may import. */
  readonly wasi: ReadonlySet<string>;
}

const WASI_OLD: ReadonlySet<string> = new Set(WASI_CALLS.keys());
const WASI_NEW: ReadonlySet<string> = new Set([...WASI_OLD, ...WASI_SINCE_1_39]);

const DIFFERENCES: readonly EnvoyDifferences[] = [
  { version: "1.36.4", wasi: WASI_OLD },
  { version: "1.37.0", wasi: WASI_OLD },
  { version: "1.38.3", wasi: WASI_OLD },
  { version: "1.39.3", wasi: WASI_NEW },
  { version: "1.40.0", wasi: WASI_NEW },
];

/** Versions that the emulator knows. */
export const EMULATED_VERSIONS: readonly string[] = DIFFERENCES.map(({ version }) => version);

/** What Envoy `version` does; a patch version that is not in the table is taken for the one that is. */
export function differencesOf(version: string): EnvoyDifferences {
  const minor = (text: string): string => text.split(".").slice(0, 2).join(".");
  const found = DIFFERENCES.find(each => each.version === version) ?? DIFFERENCES.find(each => minor(each.version) === minor(version));
  if (found) return found;
  throw new HostRefusal("usage", `host: Envoy ${version} is not known; choose one of ${EMULATED_VERSIONS.join(", ")}`);
}
