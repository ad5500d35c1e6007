import { WASI_CALLS, WASI_SINCE_1_39 } from "../../scripts/abi/wasi.ts";
import { HostRefusal } from "./refusal.ts";

/** What differs between versions of Envoy, each row measured with the conformance probe; everything else is the same in all of them. */
export interface EnvoyDifferences {
  readonly version: string;
  /** WASI functions that a module may import. */
  readonly wasi: ReadonlySet<string>;
  /** What WASI's poll_oneoff answers: ENOSYS before Envoy cared for Go. */
  readonly pollOneoff: 0 | 52;
  /** Whether filters see the upstream's keep-alive header. */
  readonly showsKeepAlive: boolean;
  /** Whether a client may set x-envoy-upstream-stream-duration-ms. */
  readonly takesStreamDuration: boolean;
  /** What the router adds when a connection is refused. */
  readonly refusedDetail: string;
  /** The attributes request.headers_bytes and response.headers_bytes, the foreign function sign, keys in PEM. */
  readonly hasHeadersBytes: boolean;
  readonly hasSign: boolean;
  /** Whether set_envoy_filter_state looks at the effective context, or only at the context of the callback. */
  readonly filterStateOfEffectiveContext: boolean;
  /** Whether plugins with other environment variables have VMs of their own; before, the first one's variables hold for all. */
  readonly keysVmsByEnvironment: boolean;
}

const OLD_WASI: ReadonlySet<string> = new Set(WASI_CALLS.keys());

const V1_40: EnvoyDifferences = {
  version: "1.40.0",
  wasi: new Set([...OLD_WASI, ...WASI_SINCE_1_39]),
  pollOneoff: 0,
  showsKeepAlive: false,
  takesStreamDuration: false,
  refusedDetail: "",
  hasHeadersBytes: true,
  hasSign: true,
  filterStateOfEffectiveContext: true,
  keysVmsByEnvironment: true,
};
const V1_39: EnvoyDifferences = { ...V1_40, version: "1.39.3", takesStreamDuration: true };
const V1_37: EnvoyDifferences = {
  ...V1_39,
  version: "1.37.0",
  wasi: OLD_WASI,
  pollOneoff: 52,
  showsKeepAlive: true,
  keysVmsByEnvironment: false,
  refusedDetail: ", transport failure reason: delayed connect error: Connection refused",
};
const V1_36: EnvoyDifferences = {
  ...V1_37,
  version: "1.36.4",
  hasHeadersBytes: false,
  hasSign: false,
  filterStateOfEffectiveContext: false,
};

// 1.38 is missing because nobody has measured it.
const DIFFERENCES: readonly EnvoyDifferences[] = [V1_36, V1_37, V1_39, V1_40];

/** Versions that the emulator knows. */
export const EMULATED_VERSIONS: readonly string[] = DIFFERENCES.map(({ version }) => version);

/** What Envoy `version` does; another patch version counts as the one that was measured. */
export function differencesOf(version: string): EnvoyDifferences {
  const minor = (text: string): string => text.split(".").slice(0, 2).join(".");
  const found = DIFFERENCES.find(each => minor(each.version) === minor(version));
  if (found) return found;
  throw new HostRefusal("usage", `host: Envoy ${version} is not known; choose one of ${EMULATED_VERSIONS.join(", ")}`);
}
