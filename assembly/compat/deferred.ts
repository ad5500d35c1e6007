/**
 * What a filter writes to the response's headers while there is no response yet. Gcore's edge takes that; Envoy refuses it, so it is done
 * when the response comes, before the filter sees it. Only programs that do so have this: see facts.ts.
 */
import { defersResponse } from "./facts";
import { currentContext } from "./kept";

export enum Write {
  Add,
  Replace,
  Remove,
}

export class Deferred {
  constructor(
    public write: Write,
    public name: string,
    public value: string,
  ) {}
}

/** What each stream has to do yet; null once its response has come. */
const streams: Map<u32, Deferred[] | null> = defersResponse ? new Map() : changetype<Map<u32, Deferred[] | null>>(0);

/** Keeps a write for later; false when the response has come. */
export function defer(write: Write, name: string, value: string): bool {
  const id = currentContext();
  let list: Deferred[] | null = null;
  if (streams.has(id)) {
    list = streams.get(id);
    if (list == null) return false;
  } else {
    list = [];
    streams.set(id, list);
  }
  list.push(new Deferred(write, name, value));
  return true;
}

/** What the current stream has to do, now that its response comes. */
export function takeDeferred(): Deferred[] | null {
  const id = currentContext();
  const list: Deferred[] | null = streams.has(id) ? streams.get(id) : null;
  streams.set(id, null);
  return list;
}

/** A header's first value as it will be; "" when there will be none. */
export function deferredValue(name: string): string {
  const id = currentContext();
  const list: Deferred[] | null = streams.has(id) ? streams.get(id) : null;
  if (list == null) return "";
  let value = "";
  for (let i = 0; i < list.length; i++) {
    const each = list[i];
    if (!isSameName(each.name, name)) continue;
    if (each.write == Write.Remove) value = "";
    else if (each.write == Write.Replace || value == "") value = each.value;
  }
  return value;
}

/** Of any case. Not by `toLowerCase`: its tables are 6 kB in every module whose code mentions it. */
function isSameName(a: string, b: string): bool {
  if (a.length != b.length) return false;
  for (let i = 0; i < a.length; i++) if (lower(a.charCodeAt(i)) != lower(b.charCodeAt(i))) return false;
  return true;
}

function lower(code: i32): i32 {
  return code >= 65 && code <= 90 ? code | 32 : code;
}

/** The stream has ended. */
export function dropDeferred(id: u32): void {
  if (defersResponse) streams.delete(id);
}
