import type { AdminAddress, EnvoyFlags, LineLog } from "../../scripts/envoy/index.ts";
import type { Place } from "../../scripts/envoy-config/index.ts";

/** What the driver needs to know of an Envoy, however it runs. */
export interface Instance {
  admin: AdminAddress;
  log: LineLog;
  place: Place;
  /** "container meshwright-envoy:1.40.0" or "binary /path/to/envoy". */
  described: string;
  /** Process id of Envoy on this machine; undefined in a container. */
  pid?: number | undefined;
  /** Where this process reaches a port on which Envoy listens. */
  reach(port: number): { host: string; port: number };
  /** The same without what an engine puts between, where that can be; absent where nothing is between. */
  reachDirectly?(port: number): Promise<{ host: string; port: number }>;
  stop(): Promise<void>;
}

/** What an instance is started from. `write` gets the place, writes the files, answers the bootstrap's path and the ports it names itself. */
export interface InstanceOptions extends EnvoyFlags {
  version: string;
  folder: string;
  env?: Record<string, string> | undefined;
  readyTimeoutMs?: number | undefined;
  /** How many listeners may be open at once; a container has to publish their ports beforehand. */
  listeners: number;
  /** Ports that the configuration names itself. */
  ports: number[];
  log: LineLog;
  write(place: Place): Promise<string>;
}
