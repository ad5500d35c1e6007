/**
 * Headers and trailers.
 *
 * A value that the host returns costs some 9,000 instructions whatever its size, so a map is read as a whole (one
 * `proxy_get_header_map_pairs`) where two or more of the headers asked for are likely to be there, and one by one where they are mostly
 * absent. The last callback's hits decide.
 *
 *   the pairs of the host:  | n: u32 | n times (name size, value size): u32 u32 | n times name NUL value NUL |
 *
 * What the filter writes goes to the host at once, and, when the map was read as a whole before, to a list of changes, newest first, that
 * later reads look at: header-changes.ts.
 */
import { MapType, Status } from "../abi/enums";
import {
  proxy_add_header_map_value,
  proxy_get_header_map_pairs,
  proxy_get_header_map_size,
  proxy_get_header_map_value,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_set_header_map_pairs,
} from "../abi/hostcalls";
import { allocate, OUT, OUT_SIZE } from "../abi/memory";
import { isHeaderValue } from "../std/header-value";
import { ABSENT, lowerCase, presentSlice, Slice, sameBytes, sliceEqualsText, sliceLength, slicePointer } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { ADD, isSameName, kindOf, nameOf, newChange, nextChange, pairsAfter, REMOVE, SET, valueOf } from "./header-changes";
import { indexedCount, indexedValue, indexPairs, isHost, lastPass, NO_SLOT } from "./header-index";
import { HeaderList } from "./header-list";
import { HeaderName } from "./header-name";
import { HeaderSnapshot } from "./header-snapshot";
import { callbackCount } from "./lifecycle";
import { isHeaderName, literalBytes, literalEntry, literalSlot, NAME } from "./literals";
import { freshSlice, textSlice } from "./text";

/** How a map is read in this callback: one by one, as a whole when the first header is asked for, and as a whole already. */
const SINGLE: u32 = 0;
const WHOLE: u32 = 1;
const LOADED: u32 = 2;

/** Measured on Envoy 1.40, in hundreds of instructions: a single read that finds, one that does not, and the whole map. */
const COST_HIT: u32 = 105;
const COST_MISS: u32 = 18;
const COST_WHOLE: u32 = 120;

/** What `viewOnly` answers for a header that is there more than once. */
export const REPEATED: Slice = <u64>memory.data(8, 8);

/** Headers, trailers or metadata as the host has them in this callback. Names may be given in any case; `host` is `:authority` in a request. */
export class HeaderMap {
  private readonly mapType: u32;
  /** The callback for which the fields below hold. */
  private callback: u32 = 0;
  private state: u32 = SINGLE;
  /** What the headers asked for cost, or would have cost, one by one. */
  private cost: u32 = 0;
  private count: u32 = 0;
  /** Where the sizes and the bytes of the pairs begin. */
  private sizes: usize = 0;
  private bytes: usize = 0;
  /** The pass of the index that read this map. */
  private pass: u64 = 0;
  private changes: usize = 0;
  /** A bit for each length that names in `changes` have, modulo 64: other names need no look at them. */
  private changedLengths: u64 = 0;

  /** @internal */
  constructor(type: MapType) {
    this.mapType = type;
  }

  // Reading ---------------------------------------------------------------------------------------------------------

  /** The first value of header `name`, decoded as UTF-8 (U+FFFD for what is none), or null when there is no such header. An empty header is "". */
  get(name: string): string | null {
    const value = this.viewOfText(name);
    return value == ABSENT ? null : sliceToString(value);
  }

  /** All values of header `name`, in order; none when it is absent. */
  getAll(name: string): string[] {
    const values: string[] = [];
    const views = this.viewAll(nameSlice(name));
    for (let i = 0; i < views.length; i++) values.push(sliceToString(views[i]));
    return values;
  }

  /** The first value of header `name` as bytes, without any decoding, or null when there is no such header. */
  getBytes(name: string): Uint8Array | null {
    const value = this.viewOfText(name);
    return value == ABSENT ? null : bytesOf(value);
  }

  /** All values of header `name` as bytes, in order; none when it is absent. */
  getAllBytes(name: string): Uint8Array[] {
    const values: Uint8Array[] = [];
    const views = this.viewAll(nameSlice(name));
    for (let i = 0; i < views.length; i++) values.push(bytesOf(views[i]));
    return values;
  }

  /** Whether there is a header `name`, also an empty one. */
  has(name: string): bool {
    return this.viewOfText(name) != ABSENT;
  }

  /** Whether the first value of header `name` is exactly `literal`; false when there is no such header. Nothing is decoded. */
  equals(name: string, literal: string): bool {
    return sliceEqualsText(this.viewOfText(name), literal);
  }

  /** The names of all headers, in order; a repeated header stands once for each value. */
  names(): string[] {
    this.refresh();
    this.load();
    const names: string[] = [];
    for (let i: u32 = 0; i < this.count; i++) names.push(sliceToString(this.nameAt(i)));
    return names;
  }

  /** How many pairs the host's map has; what the filter wrote in this callback does not count yet. */
  get size(): u32 {
    this.refresh();
    this.load();
    return this.count;
  }

  /**
   * How many bytes names and values have together, with what the filter wrote; 0 when this callback has no such map. One cheap hostcall.
   * Spec: v0.2.1 #proxy_get_header_map_size
   */
  get byteSize(): u32 {
    return proxy_get_header_map_size(this.mapType, OUT) == 0 ? load<u32>(OUT) : 0;
  }

  /** As `get`, for a name that is encoded already, as a view that is valid until the callback returns; `ABSENT` when there is none. */
  viewOf(name: HeaderName): Slice {
    return this.viewAt(name.slot, name.view);
  }

  /**
   * As `viewOf`, for a name as text: a literal is found as fast, other text is encoded first.
   * @internal
   */
  viewOfText(name: string): Slice {
    const literal = literalEntry(name, NAME);
    return literal == 0 ? this.view(nameSlice(name)) : this.viewAt(literalSlot(literal), literalBytes(literal));
  }

  /**
   * The value of header `name` when there is exactly one; `ABSENT` when there is none, `REPEATED` when there are several. For
   * headers that a sender must not repeat: what a repeated one means would be up to whoever reads it.
   */
  viewOnly(name: HeaderName): Slice {
    const value = this.viewOf(name);
    return value == ABSENT || this.countOf(name) == 1 ? value : REPEATED;
  }

  /** How many values a header has that was asked for. */
  private countOf(name: HeaderName): u32 {
    this.load();
    const view = this.own(name.view);
    let count: u32 = 0;
    if (this.mayHaveChanged(view)) {
      for (let change = this.changes; change != 0; change = nextChange(change)) {
        if (!isSameName(nameOf(change), view)) continue;
        const kind = kindOf(change);
        if (kind != REMOVE) count++;
        // What was set or removed has no values from before.
        if (kind != ADD) return count;
      }
    }
    return count + (this.isIndexed(name.slot) ? indexedCount(name.slot) : this.countPairs(view));
  }

  /** As `getAll`, for an encoded name, as views. */
  viewAllOf(name: HeaderName): Slice[] {
    return this.viewAll(name.view);
  }

  /** The first value of header `name`, which is in lower case. */
  private view(name: Slice): Slice {
    return this.viewAt(NO_SLOT, name);
  }

  /** The same for a name that the index has at `slot`. */
  private viewAt(slot: usize, name: Slice): Slice {
    if (!this.isIndexed(slot)) return this.viewSlowly(slot, name);
    const value = this.counted(indexedValue(slot));
    return this.mayHaveChanged(name) ? this.changed(name, value) : value;
  }

  private viewSlowly(slot: usize, name: Slice): Slice {
    this.refresh();
    if (this.state == SINGLE) return this.counted(this.single(name));
    this.load();
    name = this.own(name);
    const value = this.counted(this.isIndexed(slot) ? indexedValue(slot) : this.find(name));
    return this.mayHaveChanged(name) ? this.changed(name, value) : value;
  }

  /** The name under which the whole map has it: Envoy takes `host` for `:authority` in requests. */
  private own(name: Slice): Slice {
    return isHost(name) && this.mapType == MapType.HttpRequestHeaders ? textSlice(":authority") : name;
  }

  /** Whether this map was read as a whole in this callback, as the last one that was, and `slot` tells what was found. */
  private isIndexed(slot: usize): bool {
    return this.pass == lastPass && slot != NO_SLOT;
  }

  private counted(value: Slice): Slice {
    this.cost += value != ABSENT ? COST_HIT : COST_MISS;
    return value;
  }

  private mayHaveChanged(name: Slice): bool {
    return ((this.changedLengths >> sliceLength(name)) & 1) != 0;
  }

  /** The first value of `name` after what the filter wrote, when the host has `original`. */
  private changed(name: Slice, original: Slice): Slice {
    let firstAdded: Slice = ABSENT;
    for (let change = this.changes; change != 0; change = nextChange(change)) {
      if (!isSameName(nameOf(change), name)) continue;
      const kind = kindOf(change);
      if (kind == SET) return valueOf(change);
      if (kind == REMOVE) return firstAdded;
      firstAdded = valueOf(change);
    }
    return original != ABSENT ? original : firstAdded;
  }

  /** All values of header `name`, which is in lower case. */
  private viewAll(name: Slice): Slice[] {
    const values: Slice[] = [];
    name = this.own(name);
    if (this.view(name) == ABSENT) return values;
    this.load();
    this.collect(name, this.changes, values);
    return values;
  }

  /** Puts the values of `name` after `change`, and all changes before it, into `values`. */
  private collect(name: Slice, change: usize, values: Slice[]): void {
    if (change == 0) return this.collectOriginal(name, values);
    const kind = kindOf(change);
    const isSame = isSameName(nameOf(change), name);
    // What was set or removed has no values from before.
    if (!isSame || kind == ADD) this.collect(name, nextChange(change), values);
    if (isSame && kind != REMOVE) values.push(valueOf(change));
  }

  private collectOriginal(name: Slice, values: Slice[]): void {
    let at = this.bytes;
    for (let size = this.sizes, end = size + ((<usize>this.count) << 3); size < end; size += 8) {
      const nameSize = load<u32>(size);
      const valueSize = load<u32>(size, 4);
      if (nameSize == sliceLength(name) && sameBytes(at, slicePointer(name), nameSize))
        values.push(presentSlice(at + nameSize + 1, valueSize));
      at += nameSize + valueSize + 2;
    }
  }

  /** A copy of all headers as they are now, with what the filter wrote, that stays readable: keep it in a field of the stream context. */
  snapshot(): HeaderSnapshot {
    const names: string[] = [];
    const values: string[] = [];
    const all = this.names();
    for (let change = this.changes; change != 0; change = nextChange(change)) all.push(sliceToString(nameOf(change)));
    for (let i = 0; i < all.length; i++) {
      if (names.includes(all[i])) continue;
      const each = this.getAll(all[i]);
      for (let j = 0; j < each.length; j++) {
        names.push(all[i]);
        values.push(each[j]);
      }
    }
    return new HeaderSnapshot(names, values);
  }

  // Writing ---------------------------------------------------------------------------------------------------------

  /**
   * Sets header `name` to one value; other values of it are gone. `Status.BadArgument` in a phase where this map can't be changed, and for
   * a name or value that no header may have (NUL, CR, LF, an empty name).
   */
  set(name: string, value: string): Status {
    const literal = literalEntry(name, NAME);
    if (literal == 0) return this.setView(nameSlice(name), textSlice(value));
    const text = textSlice(value);
    return isHeaderValue(text) ? this.setClean(literalBytes(literal), text) : Status.BadArgument;
  }

  /** Adds a value to header `name`, beside those that are there. Errors as `set`. */
  add(name: string, value: string): Status {
    const literal = literalEntry(name, NAME);
    if (literal == 0) return this.addView(nameSlice(name), textSlice(value));
    const text = textSlice(value);
    return isHeaderValue(text) ? this.addClean(literalBytes(literal), text) : Status.BadArgument;
  }

  /**
   * Removes header `name` with all its values; `Status.Ok` also when there is none. Without `:path` or `x-forwarded-proto`, which is there
   * in every request, Envoy finds no route and answers 404: a list of headers that may pass has to have them.
   */
  remove(name: string): Status {
    return this.removeView(nameSlice(name));
  }

  /**
   * Replaces all headers by these. What the list does not name stays where nothing works without it: pseudo-headers (`:method`, `:path`,
   * `:status` …), and `x-forwarded-proto`, without which Envoy finds no route. Errors as `set`; then nothing has changed.
   * Spec: v0.2.1 #proxy_set_header_map_pairs
   */
  replaceAll(headers: HeaderList): Status {
    const list = headers.toPairs();
    if (list == ABSENT) return Status.InternalFailure;
    if (!arePairs(list)) return Status.BadArgument;
    const names: Slice[] = [];
    const values: Slice[] = [];
    const all = this.names();
    for (let i = 0; i < all.length; i++) {
      if ((!all[i].startsWith(":") && all[i] != "x-forwarded-proto") || headers.has(all[i])) continue;
      names.push(textSlice(all[i]));
      values.push(this.view(names[names.length - 1]));
    }
    const pairs = withPairsBefore(names, values, list);
    if (pairs == ABSENT) return Status.InternalFailure;
    const status = proxy_set_header_map_pairs(this.mapType, slicePointer(pairs), sliceLength(pairs));
    // The next read asks the host again.
    this.forget();
    return status;
  }

  /** As `set`, for bytes that need not be text. */
  setBytes(name: string, value: Uint8Array): Status {
    return this.setView(nameSlice(name), presentSlice(value.dataStart, value.byteLength));
  }

  /** As `add`, for bytes that need not be text. */
  addBytes(name: string, value: Uint8Array): Status {
    return this.addView(nameSlice(name), presentSlice(value.dataStart, value.byteLength));
  }

  /** As `set`, for views; `name` is in lower case, and both stay valid until the callback returns. */
  setView(name: Slice, value: Slice): Status {
    return isHeaderName(name) && isHeaderValue(value) ? this.setClean(name, value) : Status.BadArgument;
  }

  /** As `setView`, for a value that the caller made itself and knows to be clean. */
  setClean(name: Slice, value: Slice): Status {
    const status = proxy_replace_header_map_value(
      this.mapType,
      slicePointer(name),
      sliceLength(name),
      slicePointer(value),
      sliceLength(value),
    );
    return this.record(SET, name, value, status);
  }

  /** As `setClean`, for a header that this callback has asked for and that is absent: the host need not look for it again. */
  addClean(name: Slice, value: Slice): Status {
    const status = proxy_add_header_map_value(this.mapType, slicePointer(name), sliceLength(name), slicePointer(value), sliceLength(value));
    return this.record(ADD, name, value, status);
  }

  /** As `add`, for bytes. */
  addView(name: Slice, value: Slice): Status {
    if (!isHeaderName(name) || !isHeaderValue(value)) return Status.BadArgument;
    return this.addClean(name, value);
  }

  /** As `remove`, for bytes. */
  removeView(name: Slice): Status {
    if (!isHeaderName(name)) return Status.BadArgument;
    return this.record(REMOVE, name, ABSENT, proxy_remove_header_map_value(this.mapType, slicePointer(name), sliceLength(name)));
  }

  // The copy --------------------------------------------------------------------------------------------------------

  /** Forgets what an earlier callback saw: the host's map may have changed, and the arena was emptied. */
  private refresh(): void {
    if (this.callback != callbackCount) this.begin();
  }

  private begin(): void {
    this.callback = callbackCount;
    this.forget();
  }

  /** The next read asks the host. */
  private forget(): void {
    this.state = this.cost > COST_WHOLE ? WHOLE : SINGLE;
    this.cost = 0;
    this.changes = 0;
    this.changedLengths = 0;
  }

  private record(kind: u32, name: Slice, value: Slice, status: Status): Status {
    if (status != Status.Ok) return status;
    this.refresh();
    // What is read from the host from now on has the change in it; only a copy that was made before has not.
    if (this.state != LOADED) return Status.Ok;
    name = this.own(name);
    const change = newChange(this.changes, kind, name, value);
    if (change == 0) return Status.InternalFailure;
    this.changes = change;
    this.changedLengths |= (<u64>1) << sliceLength(name);
    return Status.Ok;
  }

  /** Reads the whole map, once in a callback; one whose sizes do not add up counts as empty. */
  private load(): void {
    if (this.state == LOADED) return;
    this.state = LOADED;
    this.count = 0;
    this.pass = 0;
    if (proxy_get_header_map_pairs(this.mapType, OUT, OUT_SIZE) != 0) return;
    const start = load<usize>(OUT);
    const total = load<u32>(OUT_SIZE);
    if (total < 4) return;
    const count = load<u32>(start);
    if (count > (total - 4) >> 3) return;
    const sizes = start + 4;
    const bytes = sizes + ((<usize>count) << 3);
    this.sizes = sizes;
    this.bytes = bytes;
    if (!indexPairs(sizes, bytes, start + total)) return;
    this.count = count;
    this.pass = lastPass;
  }

  /**
   * Reads the whole map with the first header, for who takes it as a whole in any case.
   * @internal
   */
  readWhole(): void {
    this.refresh();
    this.load();
  }

  /**
   * All pairs in the host's form, with what the filter wrote, valid until the callback returns; `ABSENT` when they were not read as a whole, or
   * only the host knows.
   * @internal
   */
  viewPairs(): Slice {
    if (this.callback != callbackCount || this.state != LOADED || this.count == 0) return ABSENT;
    if (this.changes != 0) return pairsAfter(this.changes, this.sizes, this.count);
    let end = this.bytes;
    for (let i: u32 = 0; i < this.count; i++) {
      const sizes = this.sizes + ((<usize>i) << 3);
      end += load<u32>(sizes) + load<u32>(sizes, 4) + 2;
    }
    const start = this.sizes - 4;
    return presentSlice(start, <u32>(end - start));
  }

  private countPairs(name: Slice): u32 {
    let count: u32 = 0;
    let at = this.bytes;
    for (let size = this.sizes, end = size + ((<usize>this.count) << 3); size < end; size += 8) {
      const nameSize = load<u32>(size);
      if (nameSize == sliceLength(name) && sameBytes(at, slicePointer(name), nameSize)) count++;
      at += nameSize + load<u32>(size, 4) + 2;
    }
    return count;
  }

  private find(name: Slice): Slice {
    this.load();
    const pointer = slicePointer(name);
    const length = sliceLength(name);
    let at = this.bytes;
    for (let size = this.sizes, end = size + ((<usize>this.count) << 3); size < end; size += 8) {
      const nameSize = load<u32>(size);
      const valueSize = load<u32>(size, 4);
      if (nameSize == length && sameBytes(at, pointer, length)) return presentSlice(at + nameSize + 1, valueSize);
      at += nameSize + valueSize + 2;
    }
    return ABSENT;
  }

  private single(name: Slice): Slice {
    if (proxy_get_header_map_value(this.mapType, slicePointer(name), sliceLength(name), OUT, OUT_SIZE) != 0) return ABSENT;
    return presentSlice(load<usize>(OUT), load<u32>(OUT_SIZE));
  }

  private nameAt(index: u32): Slice {
    let at = this.bytes;
    for (let i: u32 = 0; i < index; i++) at += load<u32>(this.sizes + ((<usize>i) << 3)) + load<u32>(this.sizes + ((<usize>i) << 3), 4) + 2;
    return presentSlice(at, load<u32>(this.sizes + ((<usize>index) << 3)));
  }
}

function bytesOf(view: Slice): Uint8Array {
  const bytes = new Uint8Array(sliceLength(view));
  memory.copy(bytes.dataStart, slicePointer(view), sliceLength(view));
  return bytes;
}

/** A name as the host keeps it. */
function nameSlice(name: string): Slice {
  const literal = literalEntry(name, NAME);
  if (literal != 0) return literalBytes(literal);
  const slice = freshSlice(name);
  lowerCase(slice);
  return slice;
}

/** The pairs of `list` with others before them; `ABSENT` when there is no memory for it. */
function withPairsBefore(names: Slice[], values: Slice[], list: Slice): Slice {
  const count = load<u32>(slicePointer(list));
  let size = sliceLength(list) + ((<u32>names.length) << 3);
  for (let i = 0; i < names.length; i++) size += sliceLength(names[i]) + sliceLength(values[i]) + 2;
  const start = allocate(size);
  if (start == 0) return ABSENT;
  store<u32>(start, count + names.length);
  let sizes = start + 4;
  let at = sizes + ((<usize>count + names.length) << 3);
  for (let i = 0; i < names.length; i++, sizes += 8) {
    store<u32>(sizes, sliceLength(names[i]));
    store<u32>(sizes, sliceLength(values[i]), 4);
    at = putText(at, names[i]);
    at = putText(at, values[i]);
  }
  const listSizes = count << 3;
  memory.copy(sizes, slicePointer(list) + 4, listSizes);
  memory.copy(at, slicePointer(list) + 4 + listSizes, sliceLength(list) - 4 - listSizes);
  return presentSlice(start, size);
}

/** Writes bytes and the NUL after them; answers where the next go. */
function putText(at: usize, text: Slice): usize {
  memory.copy(at, slicePointer(text), sliceLength(text));
  store<u8>(at + sliceLength(text), 0);
  return at + sliceLength(text) + 1;
}

/** Whether all names and values of a list are such as `set` takes. */
function arePairs(pairs: Slice): bool {
  const count = load<u32>(slicePointer(pairs));
  let sizes = slicePointer(pairs) + 4;
  let at = sizes + ((<usize>count) << 3);
  for (let i: u32 = 0; i < count; i++, sizes += 8) {
    const name = presentSlice(at, load<u32>(sizes));
    const value = presentSlice(at + sliceLength(name) + 1, load<u32>(sizes, 4));
    if (!isHeaderName(name) || !isHeaderValue(value)) return false;
    at += sliceLength(name) + sliceLength(value) + 2;
  }
  return true;
}
