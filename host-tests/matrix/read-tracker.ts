import type { Socket } from "node:net";

/** Only for what hangs. */
const PATIENCE_MS = 30_000;

/**
 * Knows whether Envoy has read all that sockets of this process have written to it. Pieces that are to meet a filter one by one have to be
 * written one by one, each when the one before has been read: Envoy counts the bytes as it reads them, before its filters see them.
 */
export class ReadTracker {
  readonly #read: () => Promise<number>;
  /** Open sockets, and how many bytes of each have surely been read. */
  readonly #open = new Map<Socket, number>();
  #closed = 0;
  #base = 0;

  /** `read` is Envoy's count of the bytes that it has read on the other ends. */
  constructor(read: () => Promise<number>) {
    this.#read = read;
  }

  /** Before a socket whose bytes are to be followed is opened. */
  async begin(): Promise<void> {
    if (this.#open.size > 0) return;
    const count = await this.#read();
    if (this.#open.size > 0) return;
    this.#base = count;
    this.#closed = 0;
  }

  add(socket: Socket): void {
    if (this.#open.has(socket)) return;
    this.#open.set(socket, 0);
    socket.once("close", broken => {
      this.#closed += broken ? (this.#open.get(socket) ?? 0) : socket.bytesWritten;
      this.#open.delete(socket);
    });
  }

  /** Resolves when all is read, or `over` says that nobody cares any more. `who` is for the message. */
  async caughtUp(who: string, over: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let pause = 1; !over(); pause = Math.min(2 * pause, 50)) {
      const written = new Map([...this.#open.keys()].map(socket => [socket, socket.bytesWritten]));
      const wanted = this.#base + this.#closed + [...written.values()].reduce((sum, each) => sum + each, 0);
      const read = await this.#read();
      if (read >= wanted) {
        for (const [socket, bytes] of written) if (this.#open.has(socket)) this.#open.set(socket, bytes);
        return;
      }
      if (Date.now() > deadline) {
        const next = "a filter holds the connection, or more is buffered than it may; send at once what need not come separately";
        throw new Error(`${who}: ${PATIENCE_MS / 1000} s after a piece was sent, Envoy has read ${read} of ${wanted} bytes; ${next}`);
      }
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
}
