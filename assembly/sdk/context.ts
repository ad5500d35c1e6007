import { makeEffective } from "./calls";
import { contextChanged } from "./lifecycle";

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

  /**
   * Makes hostcalls act for this context until the callback returns: for work that another context's callback does for it, such as a timer
   * of the plugin that lets a stream go on. False when the host has deleted the context. In its own callbacks, and in the answers to its
   * calls, a context is effective already. Take it for a stream context with fields of its own only: one without serves all streams.
   * Spec: v0.2.1 #proxy_set_effective_context
   */
  makeEffective(): bool {
    contextChanged();
    return makeEffective(this.id);
  }

  /** The host deletes the context. Nothing of it can be used afterwards. */
  onDelete(): void {}
}
