/** Finds the context that a callback is for. Which plugin context a stream runs under stands in plugin-list.ts. */
import { statefulStreams } from "../abi/facts";
import { HttpContext } from "./http-context";
import { log } from "./log";
import { PluginContext } from "./plugin-context";
import { addPlugin, findPlugin, pluginOfStream } from "./plugin-list";
import { Properties } from "./properties";
import { StreamContext } from "./stream-context";
import { TcpContext } from "./tcp-context";

/** How a registered plugin makes its contexts. */
export abstract class PluginFactory {
  constructor(readonly rootId: string) {}
  abstract createPlugin(): PluginContext;
  abstract createHttp(plugin: PluginContext): HttpContext | null;
  abstract createTcp(plugin: PluginContext): TcpContext | null;
}

const factories: PluginFactory[] = [];
/** The contexts of streams that have state of their own … */
const streams = statefulStreams ? new Map<u32, StreamContext>() : changetype<Map<u32, StreamContext>>(0);
/** … and, before their first callback tells whether they are HTTP or TCP, the plugin contexts that they run under. */
const parents = statefulStreams ? new Map<u32, PluginContext>() : changetype<Map<u32, PluginContext>>(0);
/** Whether those have any: asked at every callback, and a number is cheaper to look at than a map. */
let hasStreams: bool = false;
let hasParents: bool = false;

export function register(factory: PluginFactory): void {
  factories.push(factory);
}

// Plugin contexts ---------------------------------------------------------------------------------------------------

function knownPlugin(id: u32): PluginContext | null {
  return changetype<PluginContext | null>(findPlugin(id));
}

export function isPlugin(id: u32): bool {
  return findPlugin(id) != null;
}

/** The plugin context `id`, made when it is asked for first; null when no plugin of the module has the root id that the host gives. */
export function pluginContext(id: u32): PluginContext | null {
  const known = knownPlugin(id);
  if (known != null) return known;
  const index = factoryIndex();
  if (index < 0) return null;
  const plugin = factories[index].createPlugin();
  plugin.id = id;
  plugin.factory = index;
  addPlugin(id, plugin);
  plugin.onCreate();
  return plugin;
}

function factoryIndex(): i32 {
  const property = Properties.getOf("plugin_root_id");
  const rootId = property == null ? "" : property;
  for (let i = 0; i < factories.length; i++) if (factories[i].rootId == rootId) return i;
  // Istio leaves the root id empty when a WasmPlugin has no pluginName.
  if (rootId.length == 0 && factories.length == 1) return 0;
  const names: string[] = [];
  for (let i = 0; i < factories.length; i++) names.push('"' + factories[i].rootId + '"');
  log.error("root_id: expected one of the plugins in this module, " + names.join(", ") + ', found "' + rootId + '"');
  return -1;
}

// Streams -----------------------------------------------------------------------------------------------------------

/** The context of HTTP stream `id`; null when its plugin has none. */
export function httpContext(id: u32): HttpContext | null {
  if (hasStreams && streams.has(id)) return changetype<HttpContext>(streams.get(id));
  const plugin = parentOf(id);
  if (plugin == null) return null;
  let context = plugin.sharedHttp;
  if (context == null) {
    context = factories[plugin.factory].createHttp(plugin);
    if (context == null) return null;
    if (adopt(id, context, plugin)) plugin.sharedHttp = context;
  }
  context.id = id;
  return context;
}

/** The context of TCP connection `id`; null when its plugin has none. */
export function tcpContext(id: u32): TcpContext | null {
  if (hasStreams && streams.has(id)) return changetype<TcpContext>(streams.get(id));
  const plugin = parentOf(id);
  if (plugin == null) return null;
  let context = plugin.sharedTcp;
  if (context == null) {
    context = factories[plugin.factory].createTcp(plugin);
    if (context == null) return null;
    if (adopt(id, context, plugin)) plugin.sharedTcp = context;
  }
  context.id = id;
  return context;
}

function parentOf(id: u32): PluginContext | null {
  if (hasParents && parents.has(id)) return parents.get(id);
  return changetype<PluginContext | null>(pluginOfStream(id));
}

/** Takes in a new stream context; answers whether it can serve all streams, because it has no state. */
function adopt(id: u32, context: StreamContext, plugin: PluginContext): bool {
  context.id = id;
  context.pluginContext = plugin;
  const shared = !statefulStreams || isStateless(context);
  if (!shared) {
    streams.set(id, context);
    hasStreams = true;
  }
  context.onCreate();
  return shared;
}

/** An object that is no larger than a plain stream context has no fields of its own. The runtime keeps the size before the object. */
function isStateless(context: StreamContext): bool {
  return load<u32>(changetype<usize>(context) - 4) == offsetof<StreamContext>();
}

/** The host has created stream `id` under plugin context `parent`. Only modules whose streams have state export the callback for it. */
export function createStream(id: u32, parent: u32): void {
  const plugin = knownPlugin(parent);
  if (plugin == null || plugin.sharedHttp != null || plugin.sharedTcp != null) return;
  parents.set(id, plugin);
  hasParents = true;
}

/** The stream `id`, if it has a context of its own. */
export function ownContext(id: u32): StreamContext | null {
  return hasStreams && streams.has(id) ? streams.get(id) : null;
}

/** The context that logs or ends: the stream's own, or the one that serves all streams of its plugin. */
export function streamContext(id: u32): StreamContext | null {
  const own = ownContext(id);
  if (own != null) return own;
  const plugin = parentOf(id);
  if (plugin == null) return null;
  const tcp = plugin.sharedTcp;
  if (tcp == null) return httpContext(id);
  tcp.id = id;
  return tcp;
}

export function forgetStream(id: u32): void {
  if (!statefulStreams) return;
  parents.delete(id);
  hasParents = parents.size > 0;
  streams.delete(id);
  hasStreams = streams.size > 0;
}
