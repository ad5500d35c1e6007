import { MutableBody } from "./body.ts";
import type { DataStatus, HeadersStatus, TrailersStatus } from "./http-filter.ts";

/** What a slot asks of the direction that it is part of. */
export interface Direction {
  /** What filters of this direction have buffered together; null when nobody has yet. */
  buffered: MutableBody | null;
  /** The last frame of this direction has come. */
  readonly complete: boolean;
  readonly hasTrailers: boolean;
  /** Whether it still makes sense to go on. */
  canContinue(): boolean;
  /** More was buffered than the limit allows; `streaming` when the sender can be slowed down instead. */
  checkLimit(streaming: boolean): void;
  headersFrom(slot: number, endStream: boolean): void;
  dataFrom(slot: number, includingSlot: boolean, data: MutableBody, endStream: boolean): void;
  trailersFrom(slot: number, includingSlot: boolean): void;
}

/** Where one filter stands in one direction of a stream: Envoy's rules of stopping, buffering and continuing. */
export class FilterSlot {
  readonly index: number;
  readonly #direction: Direction;
  state: "continue" | "stop-single" | "stop-all-buffer" | "stop-all-watermark" = "continue";
  /** The filter was told that the stream ends. */
  endStream = false;
  headersContinued = false;

  constructor(index: number, direction: Direction) {
    this.index = index;
    this.#direction = direction;
  }

  get stoppedAll(): boolean {
    return this.state === "stop-all-buffer" || this.state === "stop-all-watermark";
  }

  /** Whether the next filter gets the headers. */
  afterHeaders(status: HeadersStatus): boolean {
    if (status === "continue") {
      this.headersContinued = true;
      return true;
    }
    this.state = status === "stop" ? "stop-single" : status;
    return false;
  }

  /** Whether the next filter gets the data. */
  afterData(status: DataStatus, data: MutableBody): boolean {
    if (status === "continue") {
      if (this.state === "continue") return true;
      this.buffer(data, false);
      this.resume();
      return false;
    }
    this.state = "stop-single";
    if (status !== "stop-no-buffer") this.buffer(data, status === "stop-watermark");
    else if (this.#direction.complete && !this.#direction.hasTrailers && !this.#direction.buffered) {
      // So that the end of the stream is not lost when the filter continues.
      this.#direction.buffered = new MutableBody();
    }
    return false;
  }

  /** Whether the next filter gets the trailers. */
  afterTrailers(status: TrailersStatus): boolean {
    if (status === "continue") {
      if (this.state === "continue") return true;
      this.resume();
      return false;
    }
    if (this.state === "continue") this.state = "stop-single";
    return false;
  }

  /** Takes what came while the filter has stopped everything; true when it did. */
  heldBack(data: MutableBody): boolean {
    if (!this.stoppedAll) return false;
    this.buffer(data, this.state === "stop-all-watermark");
    return true;
  }

  buffer(data: MutableBody, streaming: boolean): void {
    const direction = this.#direction;
    direction.buffered ??= new MutableBody();
    if (direction.buffered !== data) direction.buffered.append(data.drain());
    direction.checkLimit(streaming);
  }

  /** The filter continues: what it held back goes on, to itself first where it has not seen it. */
  resume(): void {
    const direction = this.#direction;
    if (!direction.canContinue()) return;
    const includingSelf = this.stoppedAll;
    this.state = "continue";
    if (!this.headersContinued) {
      this.headersContinued = true;
      direction.headersFrom(this.index, direction.complete && !direction.buffered && !direction.hasTrailers);
    }
    const hadTrailers = direction.hasTrailers;
    if (direction.buffered) direction.dataFrom(this.index, includingSelf, direction.buffered, direction.complete && !hadTrailers);
    if (hadTrailers) direction.trailersFrom(this.index, includingSelf);
  }
}
