/** What all contexts have in common. */
export abstract class BaseContext {
  /** The host's number for this context. */
  id: u32 = 0;

  /** The host has created the context. */
  onCreate(): void {}

  /**
   * The host is done with the context; all that is left is `onDelete`. False defers the end until `PluginContext.done()` is called.
   * Envoy calls it after `onLog`.
   */
  onDone(): bool {
    return true;
  }

  /** The host deletes the context. Nothing of it can be used afterwards. */
  onDelete(): void {}
}
