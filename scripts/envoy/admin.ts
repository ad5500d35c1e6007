import { request } from "node:http";

/** A running Envoy's admin interface. */
export interface AdminAddress {
  host: string;
  port: number;
}

export interface ListenerAddress {
  name: string;
  host: string;
  port: number;
}

const TIMEOUT_MS = 30_000;

/** GET on the admin interface; the body whatever the status is, as `/ready` answers 503 before it answers 200. */
export function adminGet(admin: AdminAddress, path: string): Promise<AdminAnswer> {
  return adminRequest(admin, "GET", path);
}

/** POST on the admin interface (`/quitquitquit`, `/logging?wasm=debug`, `/drain_listeners`). */
export async function adminPost(admin: AdminAddress, path: string): Promise<string> {
  return (await adminRequest(admin, "POST", path)).body;
}

interface AdminAnswer {
  status: number;
  body: string;
}

function adminRequest(admin: AdminAddress, method: string, path: string): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...admin, method, path, agent: false, timeout: TIMEOUT_MS }, response => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    outgoing.on("timeout", () =>
      outgoing.destroy(new Error(`Envoy's admin interface did not answer ${method} ${path} within ${TIMEOUT_MS / 1000} s`)),
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
}

interface ListenersAnswer {
  listener_statuses?: { name: string; local_address?: { socket_address?: { address: string; port_value: number } } }[];
}

/** The addresses that Envoy really listens on; the only way to learn a port that was asked for as 0. */
export async function listenerAddresses(admin: AdminAddress): Promise<ListenerAddress[]> {
  const { body } = await adminGet(admin, "/listeners?format=json");
  const answer = JSON.parse(body) as ListenersAnswer;
  return (answer.listener_statuses ?? []).flatMap(({ name, local_address }) => {
    const socket = local_address?.socket_address;
    return socket ? [{ name, host: socket.address, port: socket.port_value }] : [];
  });
}

/** One counter or gauge by its full name; 0 when Envoy has not created it yet. */
export async function statValue(admin: AdminAddress, name: string): Promise<number> {
  const { body } = await adminGet(admin, `/stats?filter=${encodeURIComponent(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`)}`);
  const line = body.split("\n").find(candidate => candidate.startsWith(`${name}: `));
  return line ? Number(line.slice(name.length + 2)) : 0;
}
