import { createHost, type Host } from "../../host-tests/host/index.ts";
import type { WasmFilterSpec } from "../envoy-config/index.ts";

export { HostRefusal } from "../../host-tests/host/index.ts";

/** The emulator with one filter, configured as on the real Envoy. */
export function emulate({ name, wasm, rootId, vmId, config }: WasmFilterSpec): Host {
  const host = createHost();
  host.plugin({ name, wasm, rootId: rootId ?? name, vmId: vmId ?? "", ...(config === undefined ? {} : { config }) });
  return host;
}
