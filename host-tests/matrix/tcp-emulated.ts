import type { TcpConnection } from "../host/index.ts";
import { SocketEnd } from "./socket-end.ts";
import { TcpAnswers } from "./tcp-answers.ts";
import type { HostTcpUpstream, TcpUpstreamOptions } from "./types.ts";

/** A TCP upstream of the emulator. */
export class EmulatedTcpUpstream implements HostTcpUpstream {
  readonly url: string;
  readonly answers: TcpAnswers;

  constructor(url: string, options: TcpUpstreamOptions) {
    this.url = url;
    this.answers = new TcpAnswers(options);
  }

  get connections() {
    return this.answers.connections;
  }

  next() {
    return this.answers.next();
  }
}

/** What a connection asks of the emulator that it goes through. */
interface Surroundings {
  /** Hands on what any connection has got. */
  pump(): void;
  /** Lets its time pass as real time does, until the function that it returns is called. */
  meanwhile(): () => void;
}

/** A connection through the emulator: what it has for either end is handed on by `pump`, after whatever may have moved it. */
export class EmulatedConnection {
  readonly client: SocketEnd;
  readonly #host: Surroundings;
  readonly #connection: TcpConnection;
  readonly #upstream: EmulatedTcpUpstream | undefined;
  #server: SocketEnd | null = null;
  #toServer = 0;
  #toClient = 0;
  #serverEnded = false;
  #clientEnded = false;

  constructor(connection: TcpConnection, listener: string, upstream: EmulatedTcpUpstream | undefined, host: Surroundings) {
    this.#connection = connection;
    this.#upstream = upstream;
    this.#host = host;
    this.client = new SocketEnd(`the client of listener "${listener}"`, {
      write: bytes => this.#act(() => connection.closed || connection.send(bytes)),
      end: () => this.#act(() => connection.closed || connection.send("", true)),
      reset: () => this.#act(() => connection.close("remote")),
      meanwhile: host.meanwhile,
    });
  }

  async #act(act: () => unknown): Promise<void> {
    act();
    this.#host.pump();
  }

  /** Hands on what has come for both ends; false when nothing more will. */
  pump(): boolean {
    const connection = this.#connection;
    if (connection.upstreamConnected && !this.#server) this.#open();
    const server = this.#server;
    if (server) {
      const come = connection.upstream.subarray(this.#toServer);
      this.#toServer = connection.upstream.length;
      if (come.length > 0) {
        server.take(come);
        this.#upstream?.answers.came(server, come);
      }
      if ((connection.upstreamEnd || connection.closed) && !this.#serverEnded) {
        this.#serverEnded = true;
        server.finish("end");
        this.#upstream?.answers.ended(server);
      }
    }
    const back = connection.downstream.subarray(this.#toClient);
    this.#toClient = connection.downstream.length;
    if (back.length > 0) this.client.take(back);
    if ((connection.downstreamEnd || connection.closed) && !this.#clientEnded) {
      this.#clientEnded = true;
      this.client.finish("end");
    }
    return connection.closed === null;
  }

  #open(): void {
    const connection = this.#connection;
    this.#server = new SocketEnd("the upstream", {
      write: bytes => this.#act(() => connection.closed || connection.respond(bytes)),
      end: () => this.#act(() => connection.closed || connection.respond("", true)),
      reset: () => this.#act(() => connection.closed || connection.close("local")),
      meanwhile: this.#host.meanwhile,
    });
    this.#upstream?.answers.opened(this.#server);
  }
}
