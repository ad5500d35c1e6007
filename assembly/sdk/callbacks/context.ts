/** Beginning and end of contexts. Plugin contexts and streams share these callbacks; a plugin context has no parent. */
import { createStream, forgetStream, isPlugin, ownContext, pluginContext, streamContext } from "../dispatcher";
import { enter, leave } from "../lifecycle";
import { forgetPlugin } from "../plugin-list";

export function proxy_on_context_create(contextId: u32, parentContextId: u32): void {
  enter();
  if (parentContextId != 0) createStream(contextId, parentContextId);
  leave();
}

export function proxy_on_log(contextId: u32): void {
  enter();
  const context = streamContext(contextId);
  if (context != null) context.onLog();
  leave();
}

export function proxy_on_done(contextId: u32): u32 {
  enter();
  let done: bool = true;
  if (isPlugin(contextId)) {
    const plugin = pluginContext(contextId);
    if (plugin != null) done = plugin.onDone();
  } else {
    const stream = streamContext(contextId);
    if (stream != null) done = stream.onDone();
  }
  leave();
  return done ? 1 : 0;
}

export function proxy_on_delete(contextId: u32): void {
  enter();
  if (isPlugin(contextId)) {
    const plugin = pluginContext(contextId);
    if (plugin != null) plugin.onDelete();
    forgetPlugin(contextId);
  } else {
    const stream = ownContext(contextId);
    if (stream != null) stream.onDelete();
    forgetStream(contextId);
  }
  leave();
}
