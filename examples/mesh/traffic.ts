import { randomUUID } from "node:crypto";
import { request } from "meshwright/testing";

export interface Shot {
  title: string;
  headers: [name: string, value: string][];
  /** What must be on every span and log line of this request; null: must be absent. */
  expected: Record<string, string | null>;
  /** Envoy's tracer exports no span for the hop whose traceparent it refuses. */
  silentHops: number;
}

export const MALFORMED = "00-not-a-trace-id-01";

const acme: Shot = {
  title: "user u42 of tenant acme",
  headers: [
    ["x-user-id", "u42"],
    ["x-tenant-id", "acme"],
  ],
  expected: { "user.id": "u42", "tenant.id": "acme" },
  silentHops: 0,
};

/** Two tenants, a request of nobody, and one with a traceparent that is none. */
export const SHOTS: readonly Shot[] = [
  acme,
  {
    title: "user u7 of tenant globex",
    headers: [
      ["x-user-id", "u7"],
      ["x-tenant-id", "globex"],
    ],
    expected: { "user.id": "u7", "tenant.id": "globex" },
    silentHops: 0,
  },
  { title: "nobody: a request without identity", headers: [], expected: { "user.id": "anonymous", "tenant.id": null }, silentHops: 0 },
  {
    ...acme,
    title: `user u42 of tenant acme, with the malformed traceparent ${MALFORMED}`,
    headers: [...acme.headers, ["traceparent", MALFORMED]],
    silentHops: 1,
  },
];

/** A request that was sent, to be found again by its request id, which does not depend on any tracing. */
export interface Sent {
  shot: Shot;
  requestId: string;
}

export async function send(url: string, shot: Shot): Promise<Sent> {
  const { hostname, port } = new URL(url);
  const requestId = randomUUID();
  const headers: [string, string][] = [...shot.headers, ["x-request-id", requestId]];
  const response = await request({ host: hostname, port: Number(port) }, { path: "/checkout", headers });
  if (response.status !== 200) throw new Error(`${shot.title}: /checkout answered ${response.status}: ${response.body}`);
  return { shot, requestId };
}

/** Envoy writes its sampling decision into the first digit of a request id's third group; the rest stays. */
export function isOf(sent: Sent, requestId: unknown): boolean {
  const rest = (id: string): string => id.slice(0, 14) + id.slice(15);
  return typeof requestId === "string" && rest(requestId) === rest(sent.requestId);
}
