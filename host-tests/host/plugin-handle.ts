import type { Host } from "./host.ts";
import type { PluginOptions, PluginSettings } from "./plugin.ts";
import type { PluginContext } from "./plugin-context.ts";

/** After a trap, a plugin with the policy "reload" gets a new VM no sooner than this. Envoy draws a time around a second. */
const RELOAD_AFTER_NS = 1_000_000_000n;

/** A plugin as a test holds it: its configuration in use, which an update replaces. */
export class Plugin {
  readonly host: Host;
  #settings: PluginSettings;
  #context: PluginContext;
  #loadedAt: bigint;
  /** How often the VM was made anew after a trap. */
  reloads = 0;

  constructor(host: Host, settings: PluginSettings, context: PluginContext) {
    this.host = host;
    this.#settings = settings;
    this.#context = context;
    this.#loadedAt = host.clock.now;
    context.holders++;
  }

  get name(): string {
    return this.#settings.name;
  }

  get settings(): PluginSettings {
    return this.#settings;
  }

  /** The plugin context of new streams. */
  get context(): PluginContext {
    return this.#context;
  }

  /** Whether its module has trapped. */
  get failed(): boolean {
    return this.#context.vm.failed;
  }

  /** Pages of 64 KiB that its VM has. */
  get memoryPages(): number {
    return this.#context.vm.memory.pages;
  }

  /**
   * Takes a changed configuration over, as a listener update does: new streams run under it at once; the old context is done and
   * deleted when its last stream has ended and the drain time (`drainMs` of the host) is over. Throws when the module refuses it, and
   * the old one goes on.
   */
  update(changes: Partial<PluginOptions>): void {
    const next = this.host.settingsOf({ ...this.#settings.options, ...changes });
    const context = this.host.contextOf(next);
    context.holders++;
    const old = this.#context;
    this.#settings = next;
    this.#context = context;
    this.#loadedAt = this.host.clock.now;
    this.host.drainLater(() => this.host.release(old));
  }

  /** The filter is taken out of the configuration: its context ends after the drain time. */
  remove(): void {
    this.host.drainLater(() => this.host.release(this.#context));
    this.host.forgetPlugin(this);
  }

  /** Which context a new stream runs under, if any. Envoy's PluginConfig. */
  contextForStream(): PluginContext | "failed" | "skip" {
    if (this.#context.isLeftOut) return "skip";
    if (this.failed && this.#settings.failurePolicy === "reload") this.#reload();
    if (!this.failed) return this.#context;
    return this.#settings.failurePolicy === "open" ? "skip" : "failed";
  }

  #reload(): void {
    if (this.host.clock.now - this.#loadedAt < RELOAD_AFTER_NS) return;
    this.#loadedAt = this.host.clock.now;
    this.reloads++;
    const context = this.host.contextOf(this.#settings);
    context.holders++;
    this.host.release(this.#context);
    this.#context = context;
  }
}
