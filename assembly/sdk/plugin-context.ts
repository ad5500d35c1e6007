import { BufferType } from "../abi/enums";
import { proxy_done, proxy_set_tick_period_milliseconds } from "../abi/hostcalls";
import { Config } from "../std/config";
import { Body } from "./body";
import { BaseContext } from "./context";
import { HttpContext } from "./http-context";
import { log } from "./log";

const pluginConfiguration = new Body(BufferType.PluginConfiguration);
const vmConfiguration = new Body(BufferType.VmConfiguration);

/** One configuration of the plugin in this VM. Extend it to read the configuration and to keep what its streams share. */
export class PluginContext extends BaseContext {
  /** The stream context that serves every stream, when streams have no state of their own. */
  shared: HttpContext | null = null;
  /** Creates the stream contexts; set by the SDK. */
  factory: u32 = 0;

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

  /** A stream context, for a plugin that was registered without one; null when it has no HTTP streams. */
  createHttpContext(): HttpContext | null {
    return null;
  }

  /** The configuration as text, "" when there is none. Valid in `onConfigure`. */
  get configuration(): string {
    const text = pluginConfiguration.getText();
    return text == null ? "" : text;
  }

  /** The configuration of the VM as text, "" when there is none. Valid in every callback. */
  get vmConfiguration(): string {
    const text = vmConfiguration.getText();
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

  /** Calls `onTick` every so many milliseconds; 0 stops it. Spec: v0.2.1 #proxy_set_tick_period_milliseconds */
  setTickPeriod(milliseconds: u32): void {
    proxy_set_tick_period_milliseconds(milliseconds);
  }

  /** Ends what `onDone` deferred by returning false. Spec: v0.2.1 #proxy_done */
  done(): void {
    proxy_done();
  }
}
