import { CallGraph } from "../call-graph.ts";
import { functionNames, type Module } from "../module.ts";
import { isOwn, type Usage } from "../usage.ts";
import { STAND_IN } from "./packages.ts";

/** What a filter needs of its host that Envoy does not do; assembly/compat/facts.ts by the same names. */
export interface Needs {
  readonly keepsRequest: boolean;
  readonly keepsResponse: boolean;
  readonly defersResponse: boolean;
  readonly holdsObjects: boolean;
  readonly readsProcessEnv: boolean;
  readonly takesHostMemory: boolean;
}

/** Callbacks that come when the headers have passed. Envoy has them again in `onLog`. */
const AFTER_RESPONSE = /#(?:onResponseBody|onResponseTrailers|onDone|onDelete)$/;
const AFTER_REQUEST = /#(?:onRequestBody|onRequestTrailers|onResponseHeaders|onResponseBody|onResponseTrailers|onDone|onDelete)$/;
const IN_REQUEST = /#(?:onRequestHeaders|onRequestBody|onRequestTrailers)$/;
/** What runs before any callback, and may keep a map for later ones. */
const BEFORE = /^(?:~start$|start:)|#constructor$/;

/** Functions of compat that read a map, which the caller or an object names. */
const READ_ANY = ["value", "value_string", "pairs", "flat_pairs", "size"].map(name => `headers/get_header_map_${name}`);
const READ_ONE = ["headers/HeaderStreamManipulator#get", "headers/HeaderStreamManipulator#get_headers"];
const WRITE_ONE = ["add", "replace", "remove"].map(name => `headers/HeaderStreamManipulator#${name}`);
const MAP_OF = { request: "headers/HeaderMapManipulator#get:request", response: "headers/HeaderMapManipulator#get:response" };

/** Gcore's dialect, whose properties of the request come from its headers, and whose host takes the response's headers early. */
const GCORE = "gcore/";
/** In dialects whose hosts have properties of the request also in the response. */
const PROPERTY = ["gcore/properties/get_property", "kong/properties/get_property"];
/** What `process.env` is made by. */
const PROCESS_ENV = "shim/lazyEnv";
const HOLD = "higress/held/hold<";
const NAMES_REQUEST = /["'`](?:request|ngx|kong)\b/;

/** A filter that names the class of a map may hold one in a field, a variable or a parameter, so that a callback reads what it does not name. */
const HOLDS_MAP = /\b(?:HeaderStreamManipulator|HeaderMapManipulator|StreamContext)\b/;

/** A filter that declares hostcalls itself, or takes them from the SDK's file of them, also takes what the host hands over. */
const OWN_HOSTCALLS =
  /\bdeclare function proxy_|@external\(\s*["']env["']\s*,\s*["']proxy_|\bimport[^;"']*["'][^"'\n]*\/(?:imports|malloc)["']/;

/** Finds what callbacks can reach, on the module before it is optimised; `texts` are those of the filter. */
export function findNeeds(module: Module, usage: Usage, texts: readonly string[]): Needs {
  const sources = texts.filter(text => !STAND_IN.test(text));
  const compat = usage.sdkPath.replace(/sdk\/$/, "compat/");
  const names = functionNames(module);
  const graph = new CallGraph(module);
  const reachFrom = (callbacks: RegExp): Reached => {
    const roots = names.filter(name => callbacks.test(name) && !isOwn({ internalName: name }, usage.sdkPath));
    const reached = graph.reachableFrom(roots);
    return list => list.some(name => reached.has(`${compat}${name}`));
  };
  const isHeld = (map: string): boolean => sources.some(text => HOLDS_MAP.test(text)) || reachFrom(BEFORE)([map]);
  const reads = (reached: Reached, map: string): boolean => reached(READ_ANY) || (reached(READ_ONE) && (reached([map]) || isHeld(map)));
  const afterRequest = reachFrom(AFTER_REQUEST);
  const namesRequest = afterRequest(PROPERTY) && sources.some(text => NAMES_REQUEST.test(text));
  const inRequest = names.some(name => name.startsWith(`${compat}${GCORE}`)) ? reachFrom(IN_REQUEST) : () => false;
  return {
    keepsRequest: namesRequest || reads(afterRequest, MAP_OF.request),
    keepsResponse: reads(reachFrom(AFTER_RESPONSE), MAP_OF.response),
    readsProcessEnv: names.includes(`${compat}${PROCESS_ENV}`),
    takesHostMemory: sources.some(text => OWN_HOSTCALLS.test(text)),
    holdsObjects: names.some(name => name.startsWith(`${compat}${HOLD}`)),
    defersResponse: inRequest(WRITE_ONE) && (inRequest([MAP_OF.response]) || isHeld(MAP_OF.response)),
  };
}

/** Whether something is kept for each stream. */
export function keepsForStreams({ keepsRequest, keepsResponse, defersResponse, holdsObjects }: Needs): boolean {
  return keepsRequest || keepsResponse || defersResponse || holdsObjects;
}

/** Whether callbacks reach one of these functions of compat. */
type Reached = (names: readonly string[]) => boolean;
