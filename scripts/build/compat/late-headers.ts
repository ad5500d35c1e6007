import { functionsFrom, type Module } from "../module.ts";
import { isOwn, type Usage } from "../usage.ts";

/** Which headers a filter asks for when they have passed; see assembly/compat/kept.ts. */
export interface LateHeaders {
  readonly request: boolean;
  readonly response: boolean;
}

/** Callbacks that come when the headers have passed. Envoy has them again in `onLog`. */
const AFTER_RESPONSE = /#(?:onResponseBody|onResponseTrailers|onDone|onDelete)$/;
const AFTER_REQUEST = /#(?:onRequestBody|onRequestTrailers|onResponseHeaders|onResponseBody|onResponseTrailers|onDone|onDelete)$/;
/** What runs before any callback, and may keep a map for later ones. */
const BEFORE = /^(?:~start$|start:)|#constructor$/;

/** Functions of compat that read a map, which the caller or an object names. */
const READ_ANY = ["value", "value_string", "pairs", "flat_pairs", "size"].map(name => `headers/get_header_map_${name}`);
const READ_ONE = ["headers/HeaderStreamManipulator#get", "headers/HeaderStreamManipulator#get_headers"];
const MAP_OF = { request: "headers/HeaderMapManipulator#get:request", response: "headers/HeaderMapManipulator#get:response" };

/** A field, variable or parameter that holds a map, so that a callback can read one which it does not name. */
const HOLDS_MAP = /:\s*(?:HeaderStreamManipulator|HeaderMapManipulator|StreamContext)\b/;

/** Finds what callbacks can reach, on the module before it is optimised; `sources` are the texts of the filter. */
export function findLateHeaders(module: Module, usage: Usage, names: readonly string[], sources: readonly string[]): LateHeaders {
  const compat = usage.sdkPath.replace(/sdk\/$/, "compat/");
  const reach = (from: RegExp): ReadonlySet<string> =>
    functionsFrom(
      module,
      names.filter(name => from.test(name) && !isOwn({ internalName: name }, usage.sdkPath)),
    );
  const asks = (after: RegExp, mapOf: string): boolean => {
    const reached = reach(after);
    const has = (name: string): boolean => reached.has(`${compat}${name}`);
    if (READ_ANY.some(has)) return true;
    if (!READ_ONE.some(has)) return false;
    return has(mapOf) || sources.some(text => HOLDS_MAP.test(text)) || reach(BEFORE).has(`${compat}${mapOf}`);
  };
  return { request: asks(AFTER_REQUEST, MAP_OF.request), response: asks(AFTER_RESPONSE, MAP_OF.response) };
}
