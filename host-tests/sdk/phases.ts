import type { RunningEnvoy, WasmFilterSpec } from "../envoy/index.ts";
import type { HostListener, ProxyHost, RunningHost } from "../matrix.ts";

/** What sdk/assembly/phases.ts is asked to do, by the names of its headers without `x-`. */
export type Wishes = Readonly<Record<string, string>>;

export interface Setup {
  filter?: Partial<WasmFilterSpec>;
  listener?: Partial<HostListener>;
}

/** A host with that filter in front of an echo. */
export async function startPhases(host: ProxyHost, wasm: string, { filter, listener }: Setup = {}) {
  const echo = await host.upstream();
  const proxy = await host.start({
    clusters: [{ name: "echo", url: echo.url }],
    listeners: [{ name: "in", filters: [{ name: "phases", wasm, ...filter }], ...listener }],
  });
  let count = 0;
  /** The response of one request, and what the filter says happened. */
  const run = async (wishes: Wishes, body?: string) => {
    const id = String(++count);
    const headers = inHeaders({ id, ...wishes });
    const response = await proxy.request("in", body === undefined ? { headers } : { method: "POST", headers, body });
    return { ...response, events: await eventsOf(proxy, id) };
  };
  return { proxy, run };
}

export function inHeaders(wishes: Wishes): [string, string][] {
  return Object.entries(wishes).map(([name, value]) => [`x-${name}`, value]);
}

/** What happened to the stream that asked for this id. Into how many pieces a body is cut is up to the network, so the pieces count as one. */
export async function eventsOf(proxy: RunningHost | RunningEnvoy, id: string): Promise<string> {
  const pattern = new RegExp(`events ${id}: (.*);`);
  const line = await proxy.waitForLog(pattern);
  const events = (pattern.exec(line)?.[1] ?? "").split(", ");
  return events
    .map(event => event.replace(/^(\w+) body( \d+)?( end)?$/, "$1 body"))
    .filter((event, i, all) => event !== all[i - 1])
    .join(", ");
}
