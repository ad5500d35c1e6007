import { randomUUID } from "node:crypto";
import type { HostRequest, HostUpstreamRequest } from "./types.ts";

/** A request that a client has sent and that is not answered. */
export interface UnderWay {
  /** Its x-request-id where the driver or the test gave it one; the first of those that are under way together needs none. */
  readonly id: string | null;
  /** Whether an upstream, by its URL, is one that it is routed to; what only filters call is none. */
  readonly behind: (url: string) => boolean;
  /** Whether it was alone all the time. */
  alone: boolean;
  /** What reached an upstream with that id. */
  readonly own: HostUpstreamRequest[];
  /** What reached an upstream with an id that nobody was given, while it was under way. */
  readonly strange: Seen[];
}

interface Seen {
  readonly request: HostUpstreamRequest;
  claimed: boolean;
}

/** Tells which request of an upstream belongs to which of the clients' requests, when several are under way together on the real Envoy. */
export class RequestsUnderWay {
  readonly #all = new Set<UnderWay>();

  get size(): number {
    return this.#all.size;
  }

  /** The request as it is sent: with an id of its own when it is not alone. Envoy keeps one that a client gave, and makes one otherwise. */
  begin(options: HostRequest, behind: (url: string) => boolean): { sent: HostRequest; entry: UnderWay } {
    const given = options.headers?.find(([name]) => name.toLowerCase() === "x-request-id")?.[1] ?? null;
    const id = given ?? (this.#all.size > 0 ? randomUUID() : null);
    const sent = id === given ? options : { ...options, headers: [...(options.headers ?? []), ["x-request-id", id ?? ""] as const] };
    const entry: UnderWay = { id, behind, alone: this.#all.size === 0, own: [], strange: [] };
    for (const other of this.#all) other.alone = false;
    this.#all.add(entry);
    return { sent, entry };
  }

  arrived(url: string, request: HostUpstreamRequest): void {
    const id = request.headers.find(([name]) => name.toLowerCase() === "x-request-id")?.[1];
    const possible = [...this.#all].filter(({ behind }) => behind(url));
    const owners = possible.filter(entry => entry.id !== null && sameRequestId(entry.id, id));
    if (owners.length === 1) owners[0]?.own.push(request);
    else {
      const seen: Seen = { request, claimed: false };
      for (const entry of owners.length > 1 ? owners : possible) entry.strange.push(seen);
    }
  }

  /** The request is answered: what the upstream got of it, the last one where it was sent again. "unclear" when it may be another's. */
  end(entry: UnderWay): HostUpstreamRequest | null | "unclear" {
    this.#all.delete(entry);
    const own = entry.own.at(-1);
    if (own) return own;
    const strange = entry.strange.filter(({ claimed }) => !claimed);
    const [first] = strange;
    if (!first) return null;
    const rivals = [...this.#all].filter(other => other.own.length === 0 && strange.some(seen => other.strange.includes(seen)));
    if (rivals.length > 0 && (entry.id !== null || strange.length > 1)) {
      // Whoever was sent without an id is the one that Envoy made an id for.
      return entry.id !== null && strange.length === 1 && rivals.some(({ id }) => id === null) ? null : "unclear";
    }
    for (const seen of strange) seen.claimed = true;
    return strange.at(-1)?.request ?? null;
  }
}

/** Envoy's tracer writes its decision into one character of the id. */
export function sameRequestId(a: string, b: string | undefined): boolean {
  return b !== undefined && a.slice(0, 14) === b.slice(0, 14) && a.slice(15) === b.slice(15);
}
