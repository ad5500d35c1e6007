import { BufferType, Status } from "../abi/enums";
import { proxy_done, proxy_set_effective_context, proxy_set_tick_period_milliseconds } from "../abi/hostcalls";
import { Config } from "../std/config";
import { Body } from "./body";
import { BaseContext } from "./context";
import { HttpContext } from "./http-context";
import { log } from "./log";
import { TcpContext } from "./tcp-context";
import { Timer, Timers } from "./timers";

/** One configuration of the plugin in this VM. Extend it to read the configuration and to keep what its streams share. */
export class PluginContext extends BaseContext {
  /**
   * The stream context that serves every HTTP stream, when streams have no state of their own.
   * @internal
   */
  sharedHttp: HttpContext | null = null;
  /**
   * The same for TCP connections.
   * @internal
   */
  sharedTcp: TcpContext | null = null;
  /**
   * The registration that makes stream contexts.
   * @internal
   */
  factory: u32 = 0;
  private timers: Timers | null = null;

  /** The VM has started for this plugin. False refuses it. Spec: v0.2.1 #proxy_on_vm_start */
  onVmStart(): bool {
    return true;
  }

  /**
   * The configuration has come. False refuses it: the host keeps what it had, or does not start. Log why; `readConfig` and
   * `refuse` do. Spec: v0.2.1 #proxy_on_configure
   */
  onConfigure(): bool {
    return true;
  }

  /** The timer that `setTickPeriod` started has ticked. Spec: v0.2.1 #proxy_on_tick */
  onTick(): void {}

  /** A shared queue that this plugin context registered has something. Spec: v0.2.1 #proxy_on_queue_ready */
  onQueueReady(queueId: u32): void {}

  /** A foreign function of the host has something, `argumentsSize` bytes in `foreignArguments`. Spec: v0.2.1 #proxy_on_foreign_function */
  onForeignFunction(functionId: u32, argumentsSize: u32): void {}

  /** What came with `onForeignFunction`. */
  get foreignArguments(): Body {
    return new Body(BufferType.ForeignFunctionArguments);
  }

  /** A stream context, for a plugin that was registered without one; null when it has no HTTP streams. */
  createHttpContext(): HttpContext | null {
    return null;
  }

  /** The same for TCP connections. */
  createTcpContext(): TcpContext | null {
    return null;
  }

  /** The configuration as text, "" when there is none. Valid in `onConfigure`. */
  get configuration(): string {
    const text = new Body(BufferType.PluginConfiguration).getText();
    return text == null ? "" : text;
  }

  /** The configuration of the VM as text, "" when there is none. Valid in every callback. */
  get vmConfiguration(): string {
    const text = new Body(BufferType.VmConfiguration).getText();
    return text == null ? "" : text;
  }

  /** The configuration as JSON; `name` stands before every problem. Valid in `onConfigure`. */
  readConfig(name: string): Config {
    return Config.parse(name, this.configuration);
  }

  /** Logs every problem of `config` as an error and returns false: `return this.refuse(config)`. */
  refuse(config: Config): bool {
    for (let i = 0; i < config.problems.length; i++) log.error(config.problems[i]);
    return false;
  }

  /**
   * Calls `onTick` every so many milliseconds; 0 stops it. The host has one timer for a plugin context: `every` and `after` share it
   * among several, and are not to be mixed with this. Spec: v0.2.1 #proxy_set_tick_period_milliseconds
   */
  setTickPeriod(milliseconds: u32): void {
    proxy_set_tick_period_milliseconds(milliseconds);
  }

  /** Runs `timer` every so many milliseconds, the first time when they have passed; `timer.stop()` ends it. */
  every(milliseconds: u32, timer: Timer): void {
    this.startTimer(milliseconds, timer, true);
  }

  /** Runs `timer` once when so many milliseconds have passed. */
  after(milliseconds: u32, timer: Timer): void {
    this.startTimer(milliseconds, timer, false);
  }

  private startTimer(milliseconds: u32, timer: Timer, repeated: bool): void {
    let timers = this.timers;
    if (timers == null) {
      timers = new Timers();
      this.timers = timers;
    }
    timers.start(milliseconds, timer, repeated);
  }

  /**
   * The host's timer has ticked.
   * @internal
   */
  tick(): void {
    const timers = this.timers;
    if (timers != null) timers.run();
    this.onTick();
  }

  /** Ends what `onDone` deferred by returning false. Spec: v0.2.1 #proxy_done */
  done(): Status {
    // In a stream's callback, or an answer's, the effective context is another one.
    const status = proxy_set_effective_context(this.id);
    return status == Status.Ok ? proxy_done() : status;
  }
}
