/** Plugin contexts: start, configuration, timer. */
import { forgetPlugin, markPlugin, pluginContext, pluginsTold } from "../dispatcher";
import { enter, leave } from "../lifecycle";
import { log } from "../log";

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
  // Before the plugin's own code: its expressions come after this one.
  if (!plugin.marked) plugin.marked = markPlugin(plugin);
  if (!plugin.onConfigure()) return false;
  if (pluginsTold()) return true;
  log.error(
    "this VM runs several configurations and the host does not tell their streams apart; " +
      "allow the foreign functions expr_create and expr_evaluate, or give each configuration a vm_id of its own",
  );
  return false;
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
