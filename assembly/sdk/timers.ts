/** Several timers on the one that the host has for a plugin context. */
import { proxy_set_tick_period_milliseconds } from "../abi/hostcalls";
import { Clock } from "./clock";

const NANOSECONDS: u64 = 1000000;
/** The host's timers reckon from when its event loop last looked at the clock: a tick may come that much early, and the next one is a period away. */
const EARLY: u64 = 10 * NANOSECONDS;

/** Something to do later. Extend it; state that it needs is a field. Start it with `plugin.every` or `plugin.after`. */
export abstract class Timer {
  /**
   * In nanoseconds; 0 for a timer that does not run.
   * @internal
   */
  due: u64 = 0;
  /** @internal */
  period: u64 = 0;
  /** @internal */
  repeated: bool = false;

  /**
   * The time has come. The effective context is the plugin's; what is to be done for a stream begins with its `makeEffective()`.
   */
  abstract onTimer(): void;

  /** Ends the timer, also from within `onTimer`. */
  stop(): void {
    this.due = 0;
  }
}

/** The timers of one plugin context. */
export class Timers {
  private running: Timer[] = [];
  private tickPeriod: u32 = 0;
  /** When the host ticks next, in nanoseconds. */
  private nextTick: u64 = 0;

  start(milliseconds: u32, timer: Timer, repeated: bool): void {
    const now = Clock.now();
    timer.period = <u64>max<u32>(milliseconds, 1) * NANOSECONDS;
    timer.due = now + timer.period;
    timer.repeated = repeated;
    if (!this.running.includes(timer)) this.running.push(timer);
    // A tick that comes before it is due looks again.
    if (this.tickPeriod == 0 || this.nextTick > timer.due) this.setTick(now);
  }

  /** Runs what is due. A timer that is late by more than its period is not run twice. */
  run(): void {
    const now = Clock.now();
    const running = this.running;
    for (let i = 0, n = running.length; i < n; i++) {
      const timer = running[i];
      if (timer.due == 0 || timer.due > now + min(EARLY, timer.period / 2)) continue;
      if (!timer.repeated) timer.due = 0;
      else timer.due = (timer.due + timer.period > now ? timer.due : now) + timer.period;
      timer.onTimer();
    }
    const left: Timer[] = [];
    for (let i = 0; i < this.running.length; i++) if (this.running[i].due != 0) left.push(this.running[i]);
    this.running = left;
    // If nothing else is asked for, the host ticks again after the same time.
    this.nextTick = now + <u64>this.tickPeriod * NANOSECONDS;
    this.setTick(now);
  }

  /** The host ticks when the first timer is due, and goes on doing so while that is as long as it was; not at all without timers. */
  private setTick(now: u64): void {
    let due: u64 = 0;
    for (let i = 0; i < this.running.length; i++) {
      const timer = this.running[i];
      if (timer.due != 0 && (due == 0 || timer.due < due)) due = timer.due;
    }
    // A tick that comes by itself in time, or as little early or late as ticks do, is left as it is.
    if (due != 0 && this.tickPeriod != 0 && due + EARLY > this.nextTick && this.nextTick + EARLY > due) return;
    if (due == 0 && this.tickPeriod == 0) return;
    this.tickPeriod = due == 0 ? 0 : <u32>max<u64>((max(due, now) - now + NANOSECONDS - 1) / NANOSECONDS, 1);
    this.nextTick = now + <u64>this.tickPeriod * NANOSECONDS;
    proxy_set_tick_period_milliseconds(this.tickPeriod);
  }
}
