/**
 * What is kept of a stream besides its context, for filters that need of their host what Envoy does not do; see facts.ts. It is one class, and
 * no map of its own: each further class is a case for the garbage collector in the programs that need none of this.
 *
 *   streams: id -> kind, name, value -> kind, name, value -> … -> null
 */
import { defersResponse, holdsObjects, keepsRequest, keepsResponse } from "./facts";
import { StreamBase } from "./stream-base";

export enum ExtraKind {
  /** Headers that have passed: `value` is an ArrayBuffer. */
  Request,
  Response,
  /** Objects that the filter keeps as numbers: `value` is any. */
  Held,
  /** What is to be written to the response. */
  Add,
  Replace,
  Remove,
  /** The response has come. */
  Answered,
}

export class Extra {
  next: Extra | null = null;

  constructor(
    public kind: ExtraKind,
    public name: string,
    public value: string,
  ) {}
}

/** Of the class of map that every program has. The collector takes each object for what it is. */
const streams: Map<u32, StreamBase> = isNeeded() ? new Map() : changetype<Map<u32, StreamBase>>(0);

/** The context that hostcalls act for. */
let current: u32 = 0;

/** Simple conditions, which the build can fold. */
function isNeeded(): bool {
  if (keepsRequest) return true;
  if (keepsResponse) return true;
  if (defersResponse) return true;
  return holdsObjects;
}

/** Hostcalls act for context `id` from now on. */
export function serve(id: u32): void {
  if (keepsRequest) current = id;
  if (keepsResponse) current = id;
  if (defersResponse) current = id;
  if (holdsObjects) current = id;
}

/** Frees what stream `id` has. */
export function dropExtras(id: u32): void {
  if (keepsRequest) streams.delete(id);
  if (keepsResponse) streams.delete(id);
  if (defersResponse) streams.delete(id);
  if (holdsObjects) streams.delete(id);
}

/** The first of the current stream. */
export function firstExtra(): Extra | null {
  return streams.has(current) ? changetype<Extra>(streams.get(current)) : null;
}

/** The first of a kind of the current stream. */
export function findExtra(kind: ExtraKind): Extra | null {
  let each = firstExtra();
  while (each != null) {
    if (each.kind == kind) return each;
    each = each.next;
  }
  return null;
}

/** Adds to the end. */
export function addExtra(kind: ExtraKind, name: string, value: string): void {
  const extra = new Extra(kind, name, value);
  let last: Extra | null = null;
  let each = firstExtra();
  while (each != null) {
    last = each;
    each = each.next;
  }
  if (last == null) streams.set(current, changetype<StreamBase>(extra));
  else last.next = extra;
}
