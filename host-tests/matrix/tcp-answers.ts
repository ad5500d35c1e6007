import { bodyBytes, fromBytes } from "../host/bytes.ts";
import { Queue } from "./queue.ts";
import type { SocketEnd } from "./socket-end.ts";
import type { HostSocket, TcpUpstreamOptions } from "./types.ts";

/** What a TCP upstream does with its connections: answers by itself, or leaves them to the test. */
export class TcpAnswers {
  readonly connections: HostSocket[] = [];
  readonly #respond: TcpUpstreamOptions["respond"];
  readonly #waiting = new Queue<HostSocket>("a connection to the upstream");
  readonly #turns = new WeakMap<SocketEnd, Promise<void>>();

  constructor({ respond }: TcpUpstreamOptions) {
    this.#respond = respond;
  }

  next(): Promise<HostSocket> {
    return this.#waiting.take();
  }

  opened(end: SocketEnd): void {
    this.connections.push(end);
    this.#waiting.put(end);
  }

  came(end: SocketEnd, data: Uint8Array): void {
    if (this.#respond === "manual") return;
    const answer = this.#respond ? this.#respond(fromBytes(data)) : data;
    if (answer !== undefined && answer.length > 0) this.#inTurn(end, () => end.send(bodyBytes(answer)));
  }

  ended(end: SocketEnd): void {
    if (this.#respond !== "manual") this.#inTurn(end, () => end.end());
  }

  /** One after the other; a connection that is gone by then needs no answer. */
  #inTurn(end: SocketEnd, act: () => Promise<void>): void {
    const turn = (this.#turns.get(end) ?? Promise.resolve()).then(() => (end.over === "reset" ? undefined : act()));
    this.#turns.set(
      end,
      turn.catch(() => {}),
    );
  }
}
