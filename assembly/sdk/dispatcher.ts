/**
 * Finds the context that a callback is for.
 *
 * A VM can hold several plugin contexts: several roots of a module, several configurations of one, and for as long as an update
 * drains the old configuration beside the new one. They never mix. A stream whose filter keeps no state costs no life-cycle callbacks, so
 * which configuration it runs under has to be known without them:
 *
 *   one plugin context in the VM   there is nothing to decide
 *   several                        each has left its number with the host at configuration, bit by bit: a CEL expression for every bit of it
 *                                  that is set, none for the others. Expressions belong to a plugin context, so whether expression k is
 *                                  there for a stream is bit k of the number of the stream's own plugin context
 *
 * Plugin contexts that are gone are found by `proxy_set_effective_context`, which refuses a context that no longer exists.
 */
import { LogLevel, Status } from "../abi/enums";
import { statefulStreams } from "../abi/facts";
import { proxy_call_foreign_function, proxy_set_effective_context } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { decimal } from "../std/decimal";
import { Slice, sliceLength, sliceOf, slicePointer } from "../std/slice";
import { HttpContext } from "./http-context";
import { setLiveContexts } from "./lifecycle";
import { log } from "./log";
import { PluginContext } from "./plugin-context";
import { Properties } from "./properties";
import { StreamContext } from "./stream-context";
import { TcpContext } from "./tcp-context";
import { textSlice } from "./text";

/** How a registered plugin makes its contexts. */
export abstract class PluginFactory {
  constructor(readonly rootId: string) {}
  abstract createPlugin(): PluginContext;
  abstract createHttp(plugin: PluginContext): HttpContext | null;
  abstract createTcp(plugin: PluginContext): TcpContext | null;
}

const factories: PluginFactory[] = [];
let plugins: StaticArray<PluginContext> = [];
/** The plugin context when there is one only: then every stream is its. */
let onlyPlugin: PluginContext | null = null;
/** The contexts of streams that have state of their own … */
const streams = statefulStreams ? new Map<u32, StreamContext>() : changetype<Map<u32, StreamContext>>(0);
/** … and, before their first callback tells whether they are HTTP or TCP, the plugin contexts that they run under. */
const parents = statefulStreams ? new Map<u32, PluginContext>() : changetype<Map<u32, PluginContext>>(0);
/** Whether those have any: asked at every callback, and a number is cheaper to look at than a map. */
let hasStreams: bool = false;
let hasParents: bool = false;

/** The stream and the plugin context that were found last: the callbacks of a stream often follow each other. */
let lastStream: u32 = 0;
let lastPlugin: PluginContext | null = null;
let resolutions: u32 = 0;
/** Look for plugin contexts that are gone once in so many streams, while there are several. */
const PRUNE_EVERY: u32 = 16;

/** The argument of a call about an expression: its token. */
const EXPRESSION: usize = memory.data(4, 4);
/** So many plugin contexts at once, 65,536, can be told apart. */
const NUMBER_BITS: u32 = 16;

export function register(factory: PluginFactory): void {
  factories.push(factory);
}

// Plugin contexts ---------------------------------------------------------------------------------------------------

function findPlugin(id: u32): PluginContext | null {
  for (let i = 0; i < plugins.length; i++) if (plugins[i].id == id) return plugins[i];
  return null;
}

export function isPlugin(id: u32): bool {
  return findPlugin(id) != null;
}

/** The plugin context `id`, made when it is asked for first; null when no plugin of the module has the root id that the host gives. */
export function pluginContext(id: u32): PluginContext | null {
  const known = findPlugin(id);
  if (known != null) return known;
  const index = factoryIndex();
  if (index < 0) return null;
  const plugin = factories[index].createPlugin();
  plugin.id = id;
  plugin.factory = index;
  const grown = new StaticArray<PluginContext>(plugins.length + 1);
  for (let i = 0; i < plugins.length; i++) grown[i] = plugins[i];
  grown[plugins.length] = plugin;
  setPlugins(grown);
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

/** Leaves the number of `plugin` with the host; see the head of this file. Called in its `proxy_on_configure`, before the plugin's own code. */
export function markPlugin(plugin: PluginContext): bool {
  plugin.number = freeNumber();
  for (let bit: u32 = 0; bit < NUMBER_BITS; bit++) {
    // A list is the cheapest value that the host can't hand over, so being there is told without an allocation.
    if (callForeign("expr_create", textSlice("[]")) != 0) return false;
    if (load<u32>(OUT_SIZE) != 4 || load<u32>(load<usize>(OUT)) != bit) return false;
    if (((plugin.number >> bit) & 1) == 0 && callForeign("expr_delete", token(bit)) != 0) return false;
  }
  return true;
}

/** The smallest number that no plugin context has. */
function freeNumber(): u32 {
  let number: u32 = 0;
  for (let i = 0; i < plugins.length; i++) {
    if (plugins[i].marked && plugins[i].number == number) {
      number++;
      i = -1;
    }
  }
  return number;
}

function token(bit: u32): Slice {
  store<u32>(EXPRESSION, bit);
  return sliceOf(EXPRESSION, 4);
}

function callForeign(name: string, argument: Slice): Status {
  const bytes = textSlice(name);
  return proxy_call_foreign_function(slicePointer(bytes), sliceLength(bytes), slicePointer(argument), sliceLength(argument), OUT, OUT_SIZE);
}

/** The plugin context that the current stream runs under, null when the host does not tell. Asks for the bits that tell the known ones apart. */
function markedPlugin(): PluginContext | null {
  let mask: u32 = 0;
  let number: u32 = 0;
  for (let bit: u32 = 0; bit < NUMBER_BITS; bit++) {
    const found = onlyMatch(mask, number);
    if (found != null) return found;
    if (!differs(mask, number, bit)) continue;
    const status = callForeign("expr_evaluate", token(bit));
    mask |= 1 << bit;
    if (status != Status.NotFound) number |= 1 << bit;
  }
  return onlyMatch(mask, number);
}

/** The plugin context whose number agrees with `number` in the bits of `mask`, when there is exactly one. */
function onlyMatch(mask: u32, number: u32): PluginContext | null {
  let found: PluginContext | null = null;
  for (let i = 0; i < plugins.length; i++) {
    if ((plugins[i].number & mask) != number) continue;
    if (found != null) return null;
    found = plugins[i];
  }
  return found;
}

/** Whether `bit` tells apart those that agree so far. */
function differs(mask: u32, number: u32, bit: u32): bool {
  let seen: u32 = 0;
  for (let i = 0; i < plugins.length; i++) if ((plugins[i].number & mask) == number) seen |= 1 << ((plugins[i].number >> bit) & 1);
  return seen == 3;
}

/** Whether the plugin contexts of this VM can be told apart: one alone always can. */
export function pluginsTold(): bool {
  let told: bool = true;
  for (let i = 0; i < plugins.length; i++) told = told && plugins[i].marked;
  if (told) return true;
  prune(0);
  return plugins.length < 2;
}

/** Forgets a plugin context: the host refused or deleted it. */
export function forgetPlugin(id: u32): void {
  let left = 0;
  for (let i = 0; i < plugins.length; i++) if (plugins[i].id != id) left++;
  if (left == plugins.length) return;
  const kept = new StaticArray<PluginContext>(left);
  left = 0;
  for (let i = 0; i < plugins.length; i++) if (plugins[i].id != id) kept[left++] = plugins[i];
  setPlugins(kept);
}

function setPlugins(list: StaticArray<PluginContext>): void {
  plugins = list;
  onlyPlugin = list.length == 1 ? list[0] : null;
  lastStream = 0;
  lastPlugin = null;
}

/** Forgets the plugin contexts that the host no longer has, then makes `current` the effective context again. */
function prune(current: u32): void {
  for (let i = plugins.length - 1; i >= 0; i--) {
    const id = plugins[i].id;
    // Any other answer, such as that of a host that restricts the call, tells nothing.
    if (proxy_set_effective_context(id) == <u32>Status.BadArgument) forgetPlugin(id);
  }
  if (current != 0) proxy_set_effective_context(current);
}

function pluginOfStream(id: u32): PluginContext | null {
  if (id == lastStream) return lastPlugin;
  if (resolutions++ % PRUNE_EVERY == 0) {
    prune(id);
    if (plugins.length == 1) return plugins[0];
  }
  const plugin = markedPlugin();
  if (plugin == null && log.enabled(LogLevel.Error))
    log.error("stream " + decimal(id) + " belongs to no plugin context of this VM; it passes unfiltered");
  lastStream = id;
  lastPlugin = plugin;
  return plugin;
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
  const only = onlyPlugin;
  return only != null ? only : pluginOfStream(id);
}

/** Takes in a new stream context; answers whether it can serve all streams, because it has no state. */
function adopt(id: u32, context: StreamContext, plugin: PluginContext): bool {
  context.id = id;
  context.pluginContext = plugin;
  const shared = !statefulStreams || isStateless(context);
  if (!shared) {
    streams.set(id, context);
    streamsChanged();
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
  const plugin = findPlugin(parent);
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
  if (streams.delete(id)) streamsChanged();
}

function streamsChanged(): void {
  hasStreams = streams.size > 0;
  setLiveContexts(streams.size);
}
