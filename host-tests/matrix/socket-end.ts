import { bodyBytes, fromBytes } from "../host/bytes.ts";
import type { HostSocket } from "./types.ts";
import { PATIENCE_MS, Until } from "./until.ts";

/** How one end writes to the connection that it is of; `write` resolves when the proxy may be asked for what became of it. */
export interface SocketActions {
  write(bytes: Buffer): Promise<void>;
  /** Half close: no more is sent, what comes is still read. */
  end(): Promise<void>;
  reset(): Promise<void>;
  /** While something is waited for; the function that it returns ends it. */
  meanwhile?(): () => void;
}

/** One end of a TCP connection, in the hands of a test; both hosts feed it. */
export class SocketEnd implements HostSocket {
  readonly #name: string;
  readonly #actions: SocketActions;
  #received = "";
  #over: "end" | "reset" | null = null;
  #sendsNoMore = false;
  readonly #until: Until;

  /** `name` is for messages: `the client of listener "in"`. */
  constructor(name: string, actions: SocketActions) {
    this.#name = name;
    this.#actions = actions;
    this.#until = new Until(actions.meanwhile);
  }

  get received(): string {
    return this.#received;
  }

  get over(): "end" | "reset" | null {
    return this.#over;
  }

  async send(data: string | Uint8Array): Promise<void> {
    this.#mayAct("send");
    await this.#actions.write(bodyBytes(data));
  }

  async end(data?: string | Uint8Array): Promise<void> {
    this.#mayAct("end");
    if (data !== undefined && data.length > 0) await this.#actions.write(bodyBytes(data));
    this.#sendsNoMore = true;
    await this.#actions.end();
  }

  async reset(): Promise<void> {
    this.#sendsNoMore = true;
    await this.#actions.reset();
  }

  async waitFor(what: string | RegExp | number): Promise<string> {
    const there = (): boolean => {
      if (typeof what === "number") return this.#received.length >= what;
      return typeof what === "string" ? this.#received.includes(what) : new RegExp(what.source, what.flags).test(this.#received);
    };
    const wanted = typeof what === "number" ? `${what} bytes` : String(typeof what === "string" ? JSON.stringify(what) : what);
    await this.#wait(() => there() || this.#over !== null, wanted);
    if (!there()) throw new Error(`${this.#name} waits for ${wanted}; ${this.#sofar}, and then ${ENDS[this.#over ?? "end"]}`);
    return this.#received;
  }

  async ended(): Promise<"end" | "reset"> {
    await this.#wait(() => this.#over !== null, "the end of the connection");
    return this.#over ?? "end";
  }

  /** Bytes have come. */
  take(bytes: Uint8Array): void {
    this.#received += fromBytes(bytes);
    this.#until.look();
  }

  /** No more will come. */
  finish(how: "end" | "reset"): void {
    this.#over ??= how;
    this.#until.look();
  }

  get #sofar(): string {
    return this.#received === "" ? "nothing came" : `it received ${JSON.stringify(this.#received.slice(-500))}`;
  }

  #mayAct(what: string): void {
    if (this.#sendsNoMore) throw new Error(`${this.#name}: ${what}() after end() or reset(); nothing can be sent behind the end`);
    if (this.#over === "reset") throw new Error(`${this.#name}: ${what}() on a connection that was reset; look at ended() before`);
  }

  #wait(condition: () => boolean, wanted: string): Promise<void> {
    const next = "a filter may hold it back: see its log, or send what it waits for";
    const complaint = (): string =>
      `${this.#name} waits for ${wanted}; in ${PATIENCE_MS / 1000} s ${this.#sofar}, the connection is open; ${next}`;
    return this.#until.wait(condition, complaint);
  }
}

const ENDS = { end: "the other side ended the connection", reset: "the connection was reset" } as const;
