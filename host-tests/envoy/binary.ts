import { findEnvoy, startProcess } from "../../scripts/envoy/index.ts";
import { localPlace } from "../../scripts/envoy-config/index.ts";
import type { Instance, InstanceOptions } from "./instance.ts";

/** Envoy as a process of this machine. */
export async function startBinary(options: InstanceOptions): Promise<Instance> {
  const binary = await findEnvoy({ version: options.version });
  const place = localPlace(options.folder);
  const config = await options.write(place);
  const envoy = await startProcess({ ...options, binary: binary.path, config });
  return {
    admin: envoy.admin,
    log: envoy.log,
    pid: envoy.pid,
    place,
    described: `binary ${binary.path}`,
    reach: port => ({ host: "127.0.0.1", port }),
    stop: envoy.stop,
  };
}
