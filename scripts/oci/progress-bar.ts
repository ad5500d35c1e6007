import type { Blob } from "./blob.ts";
import type { Progress } from "./upload.ts";

const WIDTH = 24;

/** A line that is written over, on a terminal; nothing anywhere else, where it would only fill a log. */
export interface ProgressBar {
  readonly update: Progress;
  /** Removes the line. */
  clear(): void;
}

export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  if (!stream.isTTY) return { update: () => {}, clear: () => {} };
  return {
    update: (blob, done) => stream.write(`\r${line(blob, done)}\x1b[K`),
    clear: () => stream.write("\r\x1b[K"),
  };
}

/** `sha256:0123456789ab ############------------  50 %  4.0 MB` */
export function line({ descriptor: { digest, size } }: Blob, done: number): string {
  const part = size === 0 ? 1 : done / size;
  const full = Math.floor(part * WIDTH);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  return `${digest.slice(0, 19)} ${"#".repeat(full)}${"-".repeat(WIDTH - full)} ${percent} %  ${(size / 1e6).toFixed(1)} MB`;
}
