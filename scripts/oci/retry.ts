import { setTimeout } from "node:timers/promises";
import { isPassing } from "./errors.ts";

/** Waits between two tries; tests hand in one that does not. */
export type Pause = (failures: number) => Promise<void>;

/** Failures in a row after which the work is given up. */
export const MOST_FAILURES = 4;

/** A quarter of a second, then twice as long each time. */
export const growing: Pause = failures => setTimeout(250 * 2 ** (failures - 1));

/** Does it again while what fails may pass. For requests that may be repeated only. */
export async function retrying<T>(pause: Pause, work: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || failures === MOST_FAILURES) throw error;
      await pause(failures);
    }
  }
}
