import { join } from "node:path";
import { filterFile, localPlace, type RunningEnvoy, type Update, type WasmFilterSpec } from "../envoy/index.ts";
import { ROOT_ID } from "./modules.ts";

/** A new version that Envoy must not take, and what it says then. */
export interface Refusal {
  readonly name: string;
  readonly reason: RegExp;
  publish(envoy: RunningEnvoy, good: WasmFilterSpec): Promise<Update>;
}

/** What goes wrong with new versions; `good` is a filter that Envoy would take. */
export const REFUSALS: readonly Refusal[] = [
  {
    name: "configuration that the filter refuses",
    reason: /versoin: unknown key; expected one of version, trap/,
    publish: (envoy, good) => envoy.updateFilter({ ...good, config: { versoin: "1" } }),
  },
  {
    name: "module that traps when it is configured",
    reason: /proxy_on_configure failed/,
    publish: (envoy, good) => envoy.updateFilter({ ...good, config: { version: "1", trap: "configure" } }),
  },
  {
    name: "module that is none",
    reason: /Failed to parse corrupted Wasm module/,
    publish: async (envoy, good) => envoy.updateFilter({ ...good, wasm: await envoy.writeFile("none.wasm", "not a module") }),
  },
  {
    name: "module without an interface that Envoy knows",
    reason: /Missing or unknown Proxy-Wasm ABI version/,
    publish: async (envoy, good) => envoy.updateFilter({ ...good, wasm: await envoy.writeFile("empty.wasm", EMPTY_MODULE) }),
  },
  {
    name: "module file that is not there",
    reason: /Invalid path: .*absent\.wasm/,
    publish: (envoy, good) => envoy.updateFilter({ ...good, wasm: join(envoy.folder, "absent.wasm") }),
  },
  {
    name: "half-written file of the configuration",
    reason: /config update failure/,
    publish: (envoy, good) => {
      const whole = filterFile(good, localPlace(envoy.folder));
      // In the middle of a quoted word. Elsewhere half a file of YAML may well be a whole configuration, and another one.
      return envoy.updateFilterFile(ROOT_ID, whole.slice(0, whole.lastIndexOf('"@type"') + 3));
    },
  },
];

const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
