/** Plugin contexts: start, configuration, timer. */
import { pluginContext } from "../dispatcher";
import { enter, leave } from "../lifecycle";
import { forgetPlugin, markPlugin, pluginsTold } from "../plugin-list";

export function proxy_on_vm_start(contextId: u32, vmConfigurationSize: u32): u32 {
  enter();
  const plugin = pluginContext(contextId);
  const started = plugin != null && plugin.onVmStart();
  leave();
  return started ? 1 : 0;
}

export function proxy_on_configure(contextId: u32, pluginConfigurationSize: u32): u32 {
  enter();
  const accepted = configure(contextId);
  if (!accepted) forgetPlugin(contextId);
  leave();
  return accepted ? 1 : 0;
}

function configure(contextId: u32): bool {
  const plugin = pluginContext(contextId);
  if (plugin == null) return false;
  markPlugin(contextId);
  return plugin.onConfigure() && pluginsTold();
}

export function proxy_on_tick(contextId: u32): void {
  enter();
  const plugin = pluginContext(contextId);
  if (plugin != null) plugin.tick();
  leave();
}

export function proxy_on_queue_ready(contextId: u32, queueId: u32): void {
  enter();
  const plugin = pluginContext(contextId);
  if (plugin != null) plugin.onQueueReady(queueId);
  leave();
}

export function proxy_on_foreign_function(contextId: u32, functionId: u32, argumentsSize: u32): void {
  enter();
  const plugin = pluginContext(contextId);
  if (plugin != null) plugin.onForeignFunction(functionId, argumentsSize);
  leave();
}
