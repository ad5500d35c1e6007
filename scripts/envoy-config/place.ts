import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What differs between an Envoy that is a process here and one in a container. */
export interface Place {
  /** Under which name Envoy reaches this machine. */
  hostAddress: string;
  /** On which address listeners and the admin interface are opened. */
  listenAddress: string;
  adminPort: number;
  /** The port of the listener at `index`, where the form does not name one. */
  listenerPort(index: number): number;
  /** A folder that this process writes and Envoy reads and writes, under the same path in both. */
  folder: string;
  /** Path under which Envoy finds a file of this machine. */
  file(path: string): string;
}

/** Envoy as a process of this machine: loopback, free ports, files where they are. */
export function localPlace(folder = join(tmpdir(), "meshwright-envoy")): Place {
  return {
    hostAddress: "127.0.0.1",
    listenAddress: "127.0.0.1",
    adminPort: 0,
    listenerPort: () => 0,
    folder,
    file: path => resolve(path),
  };
}

export const accessLogPath = (place: Place, listener: string): string => join(place.folder, `access-${listener}.log`);
export const listenersPath = (place: Place): string => join(place.folder, "lds.yaml");
export const filterPath = (place: Place, filter: string): string => join(place.folder, `ecds-${filter}.yaml`);
