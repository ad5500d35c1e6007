import { PluginFactory, register } from "./dispatcher";
import { HttpContext } from "./http-context";
import { PluginContext } from "./plugin-context";

class PluginOf<P extends PluginContext> extends PluginFactory {
  createPlugin(): PluginContext {
    return instantiate<P>();
  }

  createHttp(plugin: PluginContext): HttpContext | null {
    return plugin.createHttpContext();
  }
}

class FilterOf<P extends PluginContext, F extends HttpContext> extends PluginFactory {
  createPlugin(): PluginContext {
    return instantiate<P>();
  }

  createHttp(plugin: PluginContext): HttpContext | null {
    return instantiate<F>();
  }
}

/**
 * Registers plugin `P` under `rootId` (Envoy: `root_id`, Istio: `pluginName`). Streams get what its `createHttpContext` returns.
 * Call it at the top level of the module. A module with one plugin serves the empty root id as well.
 */
export function registerPlugin<P extends PluginContext>(rootId: string): void {
  register(new PluginOf<P>(rootId));
}

/** Registers an HTTP filter that has no configuration: `F` for every stream. */
export function registerHttpFilter<F extends HttpContext>(rootId: string): void {
  register(new FilterOf<PluginContext, F>(rootId));
}

/** Registers an HTTP filter with a configuration: `P` reads it, and every stream is an `F`, usually an `HttpContextOf<P>`. */
export function registerConfiguredHttpFilter<P extends PluginContext, F extends HttpContext>(rootId: string): void {
  register(new FilterOf<P, F>(rootId));
}
