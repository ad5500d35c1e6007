import { spawnSync } from "node:child_process";
import { atExit } from "../../scripts/leftovers/index.ts";

interface Modem {
  socketPath?: string | undefined;
  host?: string | undefined;
  port?: number | string | undefined;
}

/**
 * Removes the container when this process ends without having stopped it; returns the function that takes this back.
 * An exit handler cannot wait for a promise, so a short Node process asks the engine; no docker command is needed.
 */
export function removeAtExit(id: string, modem: unknown): () => void {
  const { socketPath, host, port } = (modem ?? {}) as Modem;
  const options = { ...(socketPath ? { socketPath } : { host, port }), method: "DELETE", path: `/containers/${id}?force=true` };
  const script = `require("node:http").request(${JSON.stringify(options)}).end()`;
  return atExit(() => spawnSync(process.execPath, ["-e", script], { timeout: 5_000 }));
}
