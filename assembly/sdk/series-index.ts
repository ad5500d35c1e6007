/**
 * Numbers for the series of a metric with labels, found by the bytes of the labels, and a cap on how many there are.
 *
 *   labels: tenant=.=acme;.;code=.=2xx;.;      the form that Istio's own metrics have; `stats_tags` take it out of the name again
 */
import { Status } from "../abi/enums";
import { proxy_get_shared_data } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { Slice, sameBytes, sliceLength, slicePointer, sliceToBytes } from "../std/slice";
import { cleanText, utf8Bytes } from "../std/utf8";
import { SharedData, SharedUpdate } from "./shared-data";
import { SliceBuilder } from "./slice-builder";

/** The number of the series that takes what is over the cap. */
export const OVERFLOW: i32 = -1;
/** The value of every label in that series. */
export const OTHER = "other";

const SEMICOLON: u8 = 59;
const UNDERSCORE: u8 = 95;

/** A label's name as it stands before its value. */
export function labelBytes(name: string): StaticArray<u8> {
  return utf8Bytes(name + "=.=");
}

const END = utf8Bytes(";.;");
/** What a label has beside its name and value: `=.=` and `;.;`. */
export const PUNCTUATION: u32 = 6;

/** The labels of the series that takes what is over the cap. */
export function overflowLabels(names: string[]): string {
  let labels = "";
  for (let i = 0; i < names.length; i++) labels += names[i] + "=.=" + OTHER + ";.;";
  return labels;
}

/** Puts labels together in memory that is valid until the callback returns. */
export class LabelBuilder {
  private readonly bytes: SliceBuilder;

  /** Room for `capacity` bytes. A label for whose name there is no room is left out: allow for its limit, and 6 bytes beside it. */
  constructor(capacity: u32) {
    this.bytes = new SliceBuilder(capacity);
  }

  /** Appends a label whose value is cut to `limit` bytes; `;`, which could end it early, becomes `_`, what is no text U+FFFD. */
  append(label: StaticArray<u8>, value: Slice, limit: u32): void {
    const bytes = this.bytes;
    const fixed = <u32>label.length + <u32>END.length;
    if (bytes.free < fixed) return;
    bytes.appendBytes(label);
    const room = bytes.free - END.length;
    const start = bytes.end;
    const length = cleanText(slicePointer(value), sliceLength(value), start, limit < room ? limit : room);
    for (let at = start, end = start + length; at < end; at++) if (load<u8>(at) == SEMICOLON) store<u8>(at, UNDERSCORE);
    bytes.advance(length);
    bytes.appendBytes(END);
  }

  /** The labels so far. */
  get slice(): Slice {
    return this.bytes.slice;
  }
}

/** Counts the series of one family in all VMs of a vm_id. */
class Claim extends SharedUpdate {
  granted: bool = false;

  constructor(private readonly cap: u32) {
    super();
  }

  next(current: Uint8Array | null): Uint8Array | null {
    const count: u32 = current == null || current.length != 4 ? 0 : load<u32>(current.dataStart);
    this.granted = count < this.cap;
    if (!this.granted) return null;
    const bytes = new Uint8Array(4);
    store<u32>(bytes.dataStart, count + 1);
    return bytes;
  }
}

/**
 * The series of one family: a table with open addressing. At most `cap` series with the overflow, in all workers together: each is claimed
 * in shared data before it is used, so a second worker with other tenants adds none beyond the cap.
 */
export class SeriesIndex {
  /** One more than the number of a series, by hash; 0 is free. At most half of them are taken. */
  private slots: StaticArray<i32> = new StaticArray<i32>(64);
  private readonly hashes: u32[] = [];
  private readonly keys: StaticArray<u8>[] = [];
  private readonly prefix: StaticArray<u8>;
  /** Nothing can be claimed any more. */
  private full: bool = false;

  constructor(
    /** Of the family; its series are claimed under it. */
    private readonly name: string,
    private readonly cap: i32,
  ) {
    this.prefix = utf8Bytes(name + "/");
  }

  /** How many series this VM uses, the overflow aside. */
  get length(): i32 {
    return this.keys.length;
  }

  /** The number of the series with these labels, counted from 0; a new one when it is `length` as it was before. `OVERFLOW` when it is one too many. */
  of(labels: Slice): i32 {
    const hash = hashOf(labels);
    const mask = <u32>this.slots.length - 1;
    let slot = hash & mask;
    for (let taken = unchecked(this.slots[slot]); taken != 0; taken = unchecked(this.slots[slot])) {
      if (unchecked(this.hashes[taken - 1]) == hash && isKey(unchecked(this.keys[taken - 1]), labels)) return taken - 1;
      slot = (slot + 1) & mask;
    }
    return this.claim(labels) ? this.add(labels, hash) : OVERFLOW;
  }

  private add(labels: Slice, hash: u32): i32 {
    this.keys.push(sliceToBytes(labels));
    this.hashes.push(hash);
    const number = this.keys.length;
    if (number * 2 > this.slots.length) this.grow();
    else this.put(hash, number);
    return number - 1;
  }

  private put(hash: u32, number: i32): void {
    const mask = <u32>this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] != 0) slot = (slot + 1) & mask;
    this.slots[slot] = number;
  }

  private grow(): void {
    this.slots = new StaticArray<i32>(this.slots.length * 2);
    for (let i = 0; i < this.hashes.length; i++) this.put(this.hashes[i], i + 1);
  }

  /** Whether a series may be used: another worker did already, or there is room for one more beside the overflow. */
  private claim(labels: Slice): bool {
    const key = new SliceBuilder(this.prefix.length + sliceLength(labels));
    key.appendBytes(this.prefix);
    key.append(labels);
    const claimed = key.slice;
    if (proxy_get_shared_data(slicePointer(claimed), sliceLength(claimed), OUT, OUT + 4, OUT_SIZE) == 0) return true;
    if (this.full) return false;
    const claim = new Claim(this.cap - 1);
    // Others were faster again and again: not counted, so not granted. The next stream with these labels asks again.
    if (SharedData.update(this.name, claim) != Status.Ok) return false;
    if (claim.granted) SharedData.setView(claimed, new Uint8Array(1));
    else this.full = true;
    return claim.granted;
  }
}

function isKey(key: StaticArray<u8>, labels: Slice): bool {
  return <u32>key.length == sliceLength(labels) && sameBytes(changetype<usize>(key), slicePointer(labels), key.length);
}

/** FNV-1a over four bytes at a time, mixed at the end: labels differ in their last bytes as well as in their first. */
function hashOf(bytes: Slice): u32 {
  let hash: u32 = 0x811c9dc5;
  let at = slicePointer(bytes);
  const end = at + sliceLength(bytes);
  for (; at + 4 <= end; at += 4) hash = (hash ^ load<u32>(at)) * 0x01000193;
  for (; at < end; at++) hash = (hash ^ <u32>load<u8>(at)) * 0x01000193;
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6d;
  return hash ^ (hash >> 13);
}
