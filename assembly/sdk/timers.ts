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

  start(milliseconds: u32, timer: Timer, repeated: bool): void {
    timer.period = <u64>max<u32>(milliseconds, 1) * NANOSECONDS;
    timer.due = Clock.now() + timer.period;
    timer.repeated = repeated;
    if (!this.running.includes(timer)) this.running.push(timer);
    this.setTick();
  }

  /** Runs what is due. A timer that is late by more than its period is not run twice. */
  run(): void {
    const now = Clock.now();
    const running = this.running;
    for (let i = 0, n = running.length; i < n; i++) {
      const timer = running[i];
      if (timer.due == 0 || timer.due > now + min(EARLY, timer.period / 2)) continue;
      if (timer.repeated) timer.due = max(timer.due + timer.period, now + 1);
      else timer.due = 0;
      timer.onTimer();
    }
    const left: Timer[] = [];
    for (let i = 0; i < this.running.length; i++) if (this.running[i].due != 0) left.push(this.running[i]);
    this.running = left;
    this.setTick();
  }

  /** The host ticks as often as the shortest period asks, and not at all without timers. */
  private setTick(): void {
    let period: u64 = 0;
    for (let i = 0; i < this.running.length; i++) {
      const timer = this.running[i];
      if (timer.due != 0 && (period == 0 || timer.period < period)) period = timer.period;
    }
    const milliseconds = <u32>(period / NANOSECONDS);
    if (milliseconds == this.tickPeriod) return;
    this.tickPeriod = milliseconds;
    proxy_set_tick_period_milliseconds(milliseconds);
  }
}
