/**
 * Who is who: root contexts by the root id that they were registered under, and the contexts of the host by their numbers.
 *
 * Where the build finds that a filter's streams have no state of their own, one context serves all streams of a root context, and the host does not
 * tell when they begin and end.
 */
import { statefulStreams } from "../abi/facts";
import { log } from "../sdk/log";
import { addPlugin, findPlugin, forgetPlugin, pluginAt, pluginCount, pluginOfStream } from "../sdk/plugin-list";
import { BaseContext } from "./base-context";
import { takeText } from "./bytes";
import { WasmResultValues } from "./enums";
import { dropExtras } from "./extras";
import { readsProcessEnv } from "./facts";
import { fillProcessEnv } from "./globals";
import { askProperty } from "./hostcalls";
import { RootBase } from "./root-base";
import { StreamBase } from "./stream-base";

type Factory = (context_id: u32) => RootBase;

const names: string[] = [];
const factories: Factory[] = [];
/** Root contexts stand in plugin-list.ts, one for each configuration in the VM: two filters never share one, and one that drains stays beside the new one. */
const streams = statefulStreams ? new Map<u32, StreamBase>() : changetype<Map<u32, StreamBase>>(0);
/** The stream of the last callback: those of one stream often follow each other. */
let lastStream: StreamBase | null = null;

/** The dialects give it the type of their root context. */
export function registerFactory(factory: Factory, name: string): void {
  const known = names.indexOf(name);
  if (known >= 0) {
    factories[known] = factory;
    return;
  }
  names.push(name);
  factories.push(factory);
}

export function findRoot(id: u32): RootBase | null {
  return changetype<RootBase | null>(findPlugin(id));
}

/** The root context `id`, made when it is asked for first; null when nothing is registered under its root id. */
export function ensureRoot(id: u32): RootBase | null {
  const known = findRoot(id);
  if (known != null) return known;
  const rootId = askProperty("plugin_root_id") == WasmResultValues.Ok ? takeText() : "";
  let index = names.indexOf(rootId);
  // Kong's and its descendants take the only one, whatever its name.
  if (index < 0 && names.length == 1) index = 0;
  if (index < 0) {
    log.error('root_id: "' + rootId + '" is not registered; registerRootContext was called for "' + names.join('", "') + '"');
    return null;
  }
  if (readsProcessEnv) fillProcessEnv();
  const root = factories[index](id);
  root.context_id = id;
  addPlugin(id, root);
  return root;
}

/** Makes the context of stream `id`. */
export function createStream(id: u32, rootId: u32): void {
  const root = ensureRoot(rootId);
  if (!statefulStreams || root == null || streams.has(id)) return;
  streams.set(id, makeStream(id, root));
}

function makeStream(id: u32, root: RootBase): StreamBase {
  const stream = root.createContext(id);
  stream.context_id = id;
  if (changetype<usize>(stream.compatRoot) == 0) stream.compatRoot = root;
  return stream;
}

/** The context that serves all streams of the configuration that `id` runs under. */
function sharedStream(id: u32): StreamBase | null {
  const root = changetype<RootBase | null>(pluginOfStream(id));
  if (root == null) return null;
  let stream = root.compatShared;
  if (stream == null) {
    stream = makeStream(id, root);
    root.compatShared = stream;
  }
  stream.context_id = id;
  return stream;
}

export function findStream(id: u32): StreamBase | null {
  if (!statefulStreams) return sharedStream(id);
  const last = lastStream;
  if (last != null && last.context_id == id) return last;
  if (!streams.has(id)) return null;
  const stream = streams.get(id);
  lastStream = stream;
  return stream;
}

/** The root context that answers for `id`: itself, or that of a stream. */
export function rootOf(id: u32): RootBase | null {
  const root = findRoot(id);
  if (root != null) return root;
  const stream = findStream(id);
  return stream == null ? null : changetype<RootBase>(stream.compatRoot);
}

/** Who made call `token`, which the host takes for one of `id`: filters for Higress' SDK call by the root context that was made last. */
export function callerOf(token: u32, id: u32): RootBase | null {
  const root = rootOf(id);
  if (root != null && root.compatWaits(token)) return root;
  for (let i = 0; i < pluginCount(); i++) {
    const each = changetype<RootBase>(pluginAt(i));
    if (each.compatWaits(token)) return each;
  }
  return root;
}

export function findContext(id: u32): BaseContext | null {
  const root = findRoot(id);
  return root != null ? root : findStream(id);
}

/** The host has deleted `id`, or refused its configuration. */
export function forget(id: u32): void {
  if (findRoot(id) != null) {
    forgetPlugin(id);
    return;
  }
  if (!statefulStreams) return;
  const stream = findStream(id);
  if (stream == null) return;
  if (stream.compatWaiting != 0) {
    for (let i = 0; i < pluginCount(); i++) changetype<RootBase>(pluginAt(i)).compatForget(stream);
  }
  lastStream = null;
  dropExtras(id);
  streams.delete(id);
}
