import { adminGet } from "../envoy/index.ts";
import { DoctorError } from "./errors.ts";
import { recognise } from "./recognise.ts";
import { assemble, type Snapshot, type SnapshotPart } from "./snapshot.ts";

/** What is asked of an admin interface; the shell scripts in scripts/ops ask for the same. */
export const ADMIN_PATHS = ["/config_dump?include_eds", "/stats", "/clusters?format=json", "/certs", "/server_info"] as const;

/** Reads a running Envoy by its admin interface: `http://127.0.0.1:9901`, and 15000 in Istio's proxies. */
export async function readAdmin(url: string): Promise<Snapshot> {
  const { hostname, port } = new URL(url);
  const parts: SnapshotPart[] = [];
  for (const path of ADMIN_PATHS) {
    const { status, body } = await adminGet({ host: hostname, port: Number(port || 80) }, path).catch((error: Error) => {
      throw new DoctorError(`${url} does not answer (${error.message}); give the address of Envoy's admin interface`, { cause: error });
    });
    const part = status === 200 ? recognise(body) : null;
    if (!part) {
      const found = `${status} ${JSON.stringify(body.slice(0, 60))}`;
      throw new DoctorError(`${url}${path}: expected what Envoy's admin interface answers, found ${found}; is it another server's port?`);
    }
    parts.push(part);
  }
  return assemble(url, parts);
}
