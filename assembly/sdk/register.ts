import { PluginFactory, register } from "./dispatcher";
import { HttpContext } from "./http-context";
import { PluginContext } from "./plugin-context";
import { TcpContext } from "./tcp-context";

class PluginOf<P extends PluginContext> extends PluginFactory {
  createPlugin(): PluginContext {
    return instantiate<P>();
  }

  createHttp(plugin: PluginContext): HttpContext | null {
    return plugin.createHttpContext();
  }

  createTcp(plugin: PluginContext): TcpContext | null {
    return plugin.createTcpContext();
  }
}

class HttpFilterOf<P extends PluginContext, F extends HttpContext> extends PluginOf<P> {
  createHttp(plugin: PluginContext): HttpContext | null {
    return instantiate<F>();
  }
}

class TcpFilterOf<P extends PluginContext, F extends TcpContext> extends PluginOf<P> {
  createTcp(plugin: PluginContext): TcpContext | null {
    return instantiate<F>();
  }
}

/**
 * Registers plugin `P` under `rootId` (Envoy: `root_id`, Istio: `pluginName`). Streams get what its `createHttpContext` and `createTcpContext` return.
 * Call it at the top level of the module. A module with one plugin serves the empty root id as well.
 */
export function registerPlugin<P extends PluginContext>(rootId: string): void {
  register(new PluginOf<P>(rootId));
}

/** Registers an HTTP filter that has no configuration: `F` for every stream. */
export function registerHttpFilter<F extends HttpContext>(rootId: string): void {
  register(new HttpFilterOf<PluginContext, F>(rootId));
}

/** Registers an HTTP filter with a configuration: `P` reads it, and every stream is an `F`, usually an `HttpContextOf<P>`. */
export function registerConfiguredHttpFilter<P extends PluginContext, F extends HttpContext>(rootId: string): void {
  register(new HttpFilterOf<P, F>(rootId));
}

/** Registers a TCP filter that has no configuration: `F` for every connection. */
export function registerTcpFilter<F extends TcpContext>(rootId: string): void {
  register(new TcpFilterOf<PluginContext, F>(rootId));
}

/** Registers a TCP filter with a configuration: `P` reads it, and every connection is an `F`, usually a `TcpContextOf<P>`. */
export function registerConfiguredTcpFilter<P extends PluginContext, F extends TcpContext>(rootId: string): void {
  register(new TcpFilterOf<P, F>(rootId));
}
