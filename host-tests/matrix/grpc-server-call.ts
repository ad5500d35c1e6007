import { bodyBytes } from "../host/bytes.ts";
import type { GrpcAnswer } from "./grpc.ts";
import type { HostGrpcCall } from "./types.ts";
import { PATIENCE_MS, Until } from "./until.ts";

type Pairs = [name: string, value: string][];

/** How a server writes to the call that it answers. */
export interface GrpcServerActions {
  metadata(pairs: Pairs): void;
  send(message: Buffer): void;
  /** Headers alone when nothing was sent before. */
  end(end: GrpcServerEnd): void;
  reset(): void;
  /** While something is waited for; the function that it returns ends it. */
  meanwhile?(): () => void;
}

export type GrpcServerEnd = Pick<GrpcAnswer, "status" | "statusMessage" | "trailers">;

/** The server's end of a filter's gRPC call, in the hands of a test; both hosts feed it. */
export class GrpcServerCall implements HostGrpcCall {
  readonly path: string;
  readonly headers: Pairs;
  readonly messages: Buffer[] = [];
  readonly #actions: GrpcServerActions;
  readonly #until: Until;
  #taken = 0;
  #over: "end" | "reset" | null = null;
  #begun = false;
  #ended = false;

  constructor(path: string, headers: Pairs, actions: GrpcServerActions) {
    this.path = path;
    this.headers = headers;
    this.#actions = actions;
    this.#until = new Until(actions.meanwhile);
  }

  get over(): "end" | "reset" | null {
    return this.#over;
  }

  async next(): Promise<Buffer | null> {
    await this.#wait(() => this.messages.length > this.#taken || this.#over !== null, "a message");
    return this.messages[this.#taken] === undefined ? null : (this.messages[this.#taken++] as Buffer);
  }

  async ended(): Promise<"end" | "reset"> {
    await this.#wait(() => this.#over !== null, "the filter's end");
    return this.#over ?? "end";
  }

  async metadata(pairs: Pairs): Promise<void> {
    this.#mayAct("metadata");
    if (this.#begun) throw new Error(`${this.path}: metadata() behind the initial metadata, which goes once, before the first message`);
    this.#begin(pairs);
  }

  async send(message: string | Uint8Array): Promise<void> {
    this.#mayAct("send");
    if (!this.#begun) this.#begin([]);
    this.#actions.send(bodyBytes(message));
  }

  async end(end: GrpcServerEnd = {}): Promise<void> {
    this.#mayAct("end");
    this.#actions.end(end);
    this.#stop();
  }

  async reset(): Promise<void> {
    this.#actions.reset();
    this.#stop();
  }

  /** A message has come. */
  take(message: Buffer): void {
    this.messages.push(message);
    this.#until.look();
  }

  /** The filter sends no more, or the call is gone. */
  finish(how: "end" | "reset"): void {
    if (!this.#ended && this.#over !== "reset") this.#over = how;
    this.#until.look();
  }

  /** Envoy resets what the filter has not ended by now. */
  #stop(): void {
    this.finish(this.#over ?? "reset");
    this.#ended = true;
  }

  #begin(pairs: Pairs): void {
    this.#begun = true;
    this.#actions.metadata(pairs);
  }

  #mayAct(what: string): void {
    if (this.#ended) throw new Error(`${this.path}: ${what}() after end() or reset(); nothing can be sent behind the end`);
    if (this.#over === "reset") throw new Error(`${this.path}: ${what}() on a call that the filter has cancelled; look at ended() before`);
  }

  #wait(condition: () => boolean, wanted: string): Promise<void> {
    const complaint = (): string => `${this.path} waits for ${wanted}; in ${PATIENCE_MS / 1000} s ${this.messages.length} messages came`;
    return this.#until.wait(condition, complaint);
  }
}
