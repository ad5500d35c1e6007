/**
 * The plugin contexts of this VM, and which of them a stream runs under.
 *
 * A VM can hold several: several roots of a module, several configurations of one, and for as long as an update drains the old
 * configuration beside the new one. They never mix. A stream whose filter keeps no state costs no life-cycle callbacks, so which
 * configuration it runs under has to be known without them:
 *
 *   one plugin context in the VM   there is nothing to decide
 *   several                        each has left its number with the host at configuration, bit by bit: a CEL expression for every bit of it
 *                                  that is set, none for the others. Expressions belong to a plugin context, so whether expression k is
 *                                  there for a stream is bit k of the number of the stream's own plugin context
 *
 * Plugin contexts that are gone are found by `proxy_set_effective_context`, which refuses a context that no longer exists.
 *
 * The SDK and compat have classes of their own for plugin contexts; here they are objects.
 */
import { LogLevel, Status } from "../abi/enums";
import { proxy_call_foreign_function, proxy_set_effective_context } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { decimal } from "../std/decimal";
import { Slice, sliceLength, sliceOf, slicePointer } from "../std/slice";
import { log } from "./log";
import { textSlice } from "./text";

/** The plugin context when there is one only: then every stream is its. */
let onlyPlugin: Object | null = null;

class Entry {
  /** By which the host tells its streams from others'; unlike any other of this VM. */
  number: u32 = UNMARKED;

  constructor(
    readonly id: u32,
    readonly plugin: Object,
  ) {}
}

const UNMARKED: u32 = u32.MAX_VALUE;
let entries: StaticArray<Entry> = [];

/** The stream and the plugin context that were found last: the callbacks of a stream often follow each other. */
let lastStream: u32 = 0;
let lastPlugin: Object | null = null;
let resolutions: u32 = 0;
/** Look for plugin contexts that are gone once in so many streams, while there are several. */
const PRUNE_EVERY: u32 = 16;

/** The argument of a call about an expression: its token. */
const EXPRESSION: usize = memory.data(4, 4);
/** So many plugin contexts at once, 65,536, can be told apart. */
const NUMBER_BITS: u32 = 16;

export function findPlugin(id: u32): Object | null {
  const entry = findEntry(id);
  return entry == null ? null : entry.plugin;
}

function findEntry(id: u32): Entry | null {
  for (let i = 0; i < entries.length; i++) if (entries[i].id == id) return entries[i];
  return null;
}

export function pluginCount(): i32 {
  return entries.length;
}

export function pluginAt(index: i32): Object {
  return entries[index].plugin;
}

export function addPlugin(id: u32, plugin: Object): void {
  const grown = new StaticArray<Entry>(entries.length + 1);
  for (let i = 0; i < entries.length; i++) grown[i] = entries[i];
  grown[entries.length] = new Entry(id, plugin);
  setEntries(grown);
}

/** Forgets a plugin context: the host refused or deleted it. */
export function forgetPlugin(id: u32): void {
  let left = 0;
  for (let i = 0; i < entries.length; i++) if (entries[i].id != id) left++;
  if (left == entries.length) return;
  const kept = new StaticArray<Entry>(left);
  left = 0;
  for (let i = 0; i < entries.length; i++) if (entries[i].id != id) kept[left++] = entries[i];
  setEntries(kept);
}

function setEntries(list: StaticArray<Entry>): void {
  entries = list;
  onlyPlugin = list.length == 1 ? list[0].plugin : null;
  lastStream = 0;
  lastPlugin = null;
}

// Numbers -----------------------------------------------------------------------------------------------------------

/** Leaves a number for plugin context `id` with the host. Called in its `proxy_on_configure`, before the plugin's own code: its expressions come after these. */
export function markPlugin(id: u32): void {
  const entry = findEntry(id);
  if (entry == null || entry.number != UNMARKED) return;
  const number = freeNumber();
  for (let bit: u32 = 0; bit < NUMBER_BITS; bit++) {
    // A list is the cheapest value that the host can't hand over, so being there is told without an allocation.
    if (callForeign("expr_create", textSlice("[]")) != 0) return;
    if (load<u32>(OUT_SIZE) != 4 || load<u32>(load<usize>(OUT)) != bit) return;
    if (((number >> bit) & 1) == 0 && callForeign("expr_delete", token(bit)) != 0) return;
  }
  entry.number = number;
}

/** The smallest number that no plugin context has. */
function freeNumber(): u32 {
  let number: u32 = 0;
  for (let i = 0; i < entries.length; i++) {
    if (entries[i].number == number) {
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
function markedPlugin(): Object | null {
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
function onlyMatch(mask: u32, number: u32): Object | null {
  let found: Object | null = null;
  for (let i = 0; i < entries.length; i++) {
    if ((entries[i].number & mask) != number) continue;
    if (found != null) return null;
    found = entries[i].plugin;
  }
  return found;
}

/** Whether `bit` tells apart those that agree so far. */
function differs(mask: u32, number: u32, bit: u32): bool {
  let seen: u32 = 0;
  for (let i = 0; i < entries.length; i++) if ((entries[i].number & mask) == number) seen |= 1 << ((entries[i].number >> bit) & 1);
  return seen == 3;
}

/** Whether the plugin contexts of this VM can be told apart: one alone always can. Says so in the log when not. */
export function pluginsTold(): bool {
  let told: bool = true;
  for (let i = 0; i < entries.length; i++) told = told && entries[i].number != UNMARKED;
  if (told) return true;
  prune(0);
  if (entries.length < 2) return true;
  log.error(
    "this VM runs several configurations and the host does not tell their streams apart; " +
      "allow the foreign functions expr_create and expr_evaluate, or give each configuration a vm_id of its own",
  );
  return false;
}

/** Forgets the plugin contexts that the host no longer has, then makes `current` the effective context again. */
function prune(current: u32): void {
  for (let i = entries.length - 1; i >= 0; i--) {
    const id = entries[i].id;
    // Any other answer, such as that of a host that restricts the call, tells nothing.
    if (proxy_set_effective_context(id) == <u32>Status.BadArgument) forgetPlugin(id);
  }
  if (current != 0) proxy_set_effective_context(current);
}

/** The plugin context of stream `id`, which hostcalls act for now; null when the host does not tell. */
export function pluginOfStream(id: u32): Object | null {
  const only = onlyPlugin;
  return only != null ? only : toldPlugin(id);
}

function toldPlugin(id: u32): Object | null {
  if (id == lastStream) return lastPlugin;
  if (resolutions++ % PRUNE_EVERY == 0) {
    prune(id);
    if (entries.length == 1) return entries[0].plugin;
  }
  const plugin = markedPlugin();
  if (plugin == null && log.enabled(LogLevel.Error))
    log.error("stream " + decimal(id) + " belongs to no plugin context of this VM; it passes unfiltered");
  lastStream = id;
  lastPlugin = plugin;
  return plugin;
}
