/**
 * Trace Context level 2 and Baggage for one request: plain functions over its headers.
 */
import { HeaderMap, HeaderName, Properties, REPEATED, random, SliceBuilder, Span } from "../../sdk/index";
import { BaggageMembers, isBaggageMember, isCleanBaggage, MAX_BAGGAGE_MEMBERS, MAX_BAGGAGE_SIZE } from "../../std/baggage";
import { ABSENT, EMPTY, Slice, sliceLength, sliceOf, sliceOfBytes, slicePointer } from "../../std/slice";
import {
  countMembers,
  FLAG_RANDOM,
  FLAG_SAMPLED,
  HIGHER_VERSION,
  INVALID,
  PARENT_ID,
  parentIdOf,
  parseTraceparent,
  TRACEPARENT_SIZE,
  traceIdOf,
  trimmed,
  writeNewTraceparent,
  writeTraceparent,
} from "../../std/trace-context";
import { utf8Bytes } from "../../std/utf8";
import { TraceContextSettings } from "./settings";

export const TRACEPARENT = new HeaderName("traceparent");
export const TRACESTATE = new HeaderName("tracestate");
const BAGGAGE = new HeaderName("baggage");
const EXPOSED_TRACE_ID = utf8Bytes("trace_context.trace_id");
const EXPOSED_SPAN_ID = utf8Bytes("trace_context.span_id");
const EXPOSED_SAMPLED = utf8Bytes("trace_context.sampled");
const TRUE = utf8Bytes("true");
const FALSE = utf8Bytes("false");
/** The span attribute that keeps what an untrusted caller brought. */
const UNTRUSTED = "trace_context.untrusted_traceparent";

/** The part of a trace id that consistent sampling looks at (Trace Context level 2, section 3.2.2.3). */
const RANDOM_BITS: u64 = (1 << 56) - 1;

/** The traceparent that goes upstream. */
const OUTBOUND: usize = memory.data(64, 8);

/** What the span of this request hangs under: the parent-id that came, or nothing where the trace starts here. For whoever exports the span. */
export let parentId: Slice = ABSENT;
/** The valid traceparent of a caller that is not trusted, or nothing. */
export let untrusted: Slice = ABSENT;

/** Takes over, renews or starts the trace of a request; answers the traceparent that goes on. */
export function propagate(settings: TraceContextSettings, headers: HeaderMap): Slice {
  const field = headers.viewOnly(TRACEPARENT);
  const inbound = field == ABSENT || field == REPEATED ? EMPTY : sliceLength(field) == TRACEPARENT_SIZE ? field : trimmed(field);
  const parsed = parseTraceparent(inbound);
  let outbound = sliceOf(OUTBOUND, TRACEPARENT_SIZE);
  untrusted = ABSENT;
  if (parsed != INVALID && settings.trusted) {
    parentId = parentIdOf(inbound);
    if (settings.renew) {
      writeTraceparent(OUTBOUND, slicePointer(inbound), random().nextId(), parsed);
      headers.setClean(TRACEPARENT.view, outbound);
    } else if (parsed & HIGHER_VERSION) {
      // This is a participant of version 00; the same parent goes on in its form.
      writeTraceparent(OUTBOUND, slicePointer(inbound), 0, parsed);
      memory.copy(OUTBOUND + PARENT_ID, slicePointer(inbound) + PARENT_ID, 16);
      headers.setClean(TRACEPARENT.view, outbound);
    } else outbound = inbound;
    passTracestate(headers, settings.renew);
    passBaggage(headers);
  } else {
    parentId = ABSENT;
    startTrace(settings, headers, field == ABSENT);
    if (settings.trusted) passBaggage(headers);
    else {
      drop(headers, BAGGAGE);
      if (parsed != INVALID) {
        untrusted = sliceOf(slicePointer(inbound), TRACEPARENT_SIZE);
        Span.setAttributeView(UNTRUSTED, untrusted);
      }
    }
  }
  if (settings.exposes) expose(settings, outbound);
  return outbound;
}

/** Writes a new traceparent. Whether the trace is sampled its id decides, so everybody with the same threshold decides alike. */
function startTrace(settings: TraceContextSettings, headers: HeaderMap, isFirst: bool): void {
  const ids = random();
  const high = ids.next();
  const low = ids.nextId();
  const sampled = (low & RANDOM_BITS) >= settings.threshold;
  writeNewTraceparent(OUTBOUND, high, low, ids.nextId(), sampled ? FLAG_SAMPLED | FLAG_RANDOM : FLAG_RANDOM);
  const traceparent = sliceOf(OUTBOUND, TRACEPARENT_SIZE);
  if (isFirst) headers.addClean(TRACEPARENT.view, traceparent);
  else headers.setClean(TRACEPARENT.view, traceparent);
  if (sampled && settings.threshold != 0) headers.setClean(TRACESTATE.view, sliceOfBytes(settings.tracestate));
  else drop(headers, TRACESTATE);
}

function expose(settings: TraceContextSettings, traceparent: Slice): void {
  if (settings.exposeTraceId) Properties.setOf(sliceOfBytes(EXPOSED_TRACE_ID), traceIdOf(traceparent));
  if (settings.exposeSpanId) Properties.setOf(sliceOfBytes(EXPOSED_SPAN_ID), parentIdOf(traceparent));
  if (settings.exposeSampled) {
    const sampled = (parseTraceparent(traceparent) & FLAG_SAMPLED) != 0;
    Properties.setOf(sliceOfBytes(EXPOSED_SAMPLED), sliceOfBytes(sampled ? TRUE : FALSE));
  }
}

export function drop(headers: HeaderMap, name: HeaderName): void {
  if (headers.viewOf(name) != ABSENT) headers.removeView(name.view);
}

/** Valid fields go on, several as one where the traceparent is renewed; a fault in any of them, or 33 members, drops them all. */
export function passTracestate(headers: HeaderMap, join: bool): void {
  const name = TRACESTATE.view;
  const only = headers.viewOnly(TRACESTATE);
  if (only == ABSENT) return;
  if (only != REPEATED) {
    if (countMembers(only, 0) <= 0) headers.removeView(name);
    return;
  }
  const fields = headers.viewAllOf(TRACESTATE);
  let members = 0;
  for (let i = 0; i < fields.length && members >= 0; i++) members = countMembers(fields[i], members);
  if (members <= 0) headers.removeView(name);
  else if (join) {
    const joined = new SliceBuilder(sizeOf(fields));
    for (let i = 0; i < fields.length; i++) if (sliceLength(trimmed(fields[i])) > 0) joined.appendMember(trimmed(fields[i]));
    setOrRemove(headers, name, joined);
  }
}

/** Baggage goes on as it is when all of it is valid and within the limits; otherwise its valid members do, as one field. */
export function passBaggage(headers: HeaderMap): void {
  const name = BAGGAGE.view;
  const only = headers.viewOnly(BAGGAGE);
  if (only == ABSENT || (only != REPEATED && isCleanBaggage(only))) return;
  const fields = headers.viewAllOf(BAGGAGE);
  const size = sizeOf(fields);
  const joined = new SliceBuilder(size < MAX_BAGGAGE_SIZE ? size : MAX_BAGGAGE_SIZE);
  let members = 0;
  for (let i = 0; i < fields.length; i++) {
    const list = new BaggageMembers(fields[i]);
    for (let member = list.next(); member != ABSENT; member = list.next()) {
      if (!isBaggageMember(member)) continue;
      if (members == MAX_BAGGAGE_MEMBERS || !joined.appendMember(member)) return setOrRemove(headers, name, joined);
      members++;
    }
  }
  setOrRemove(headers, name, joined);
}

/** Room for all fields and a comma behind each. */
function sizeOf(fields: Slice[]): u32 {
  let size: u32 = 0;
  for (let i = 0; i < fields.length; i++) size += sliceLength(fields[i]) + 1;
  return size;
}

function setOrRemove(headers: HeaderMap, name: Slice, value: SliceBuilder): void {
  if (value.size == 0) headers.removeView(name);
  else headers.setClean(name, value.slice);
}
