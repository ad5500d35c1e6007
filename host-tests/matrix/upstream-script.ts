import { HeldRequests } from "./held.ts";
import type { HeldRequest, HostAnswer, HostUpstreamRequest, Reaction, UpstreamOptions } from "./types.ts";

/** What an upstream of a scenario has got, and what it answers; the same for both hosts. */
export class UpstreamScript {
  readonly requests: HostUpstreamRequest[] = [];
  readonly #respond: UpstreamOptions["respond"];
  readonly #held: HeldRequests;

  /** `meanwhile`: see `Queue`. */
  constructor({ respond }: UpstreamOptions, meanwhile?: () => () => void) {
    this.#respond = respond;
    this.#held = new HeldRequests(meanwhile);
  }

  next(): Promise<HeldRequest> {
    if (this.#respond === "manual") return this.#held.next();
    throw new Error('next(): this upstream answers by itself; leave its answers to the test with host.upstream({ respond: "manual" })');
  }

  /** At once, where nobody has to be waited for. */
  react(request: HostUpstreamRequest): Reaction | Promise<Reaction> {
    this.requests.push(request);
    const respond = this.#respond;
    const said = respond === "manual" ? this.#held.hold(request) : typeof respond === "function" ? respond(request) : respond;
    return said instanceof Promise ? said.then(each => whole(each, request)) : whole(said, request);
  }
}

function whole(said: Reaction | undefined, request: HostUpstreamRequest): Reaction {
  if (typeof said === "string") return said;
  const {
    status = 200,
    headers = [["content-type", "application/json"]],
    body = JSON.stringify(request),
    trailers,
    delayMs,
    thenReset,
  } = said ?? {};
  const answer: HostAnswer = { status, headers, body };
  if (trailers) answer.trailers = trailers;
  if (delayMs !== undefined) answer.delayMs = delayMs;
  if (thenReset !== undefined) answer.thenReset = thenReset;
  return answer;
}
