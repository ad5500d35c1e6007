/**
 * What Envoy's tracer gets wrong, set right behind it: as an upstream HTTP filter, together with an early header mutation.
 *
 *   client ──> early header mutation ──────> tracer ──> HTTP filters ──> router ──> this filter ──> upstream
 *              keeps the traceparent that                                tracer      corrects flags, tracestate
 *              came in a private header, and                             writes      and baggage, removes the
 *              removes it where it is broken                             its own     private header
 *
 * Trace, span and sampled bit stay the tracer's: the span that the upstream hangs under is one that is exported.
 */
import { HeaderMap, HeaderName, Properties, REPEATED } from "../../sdk/index";
import { ABSENT, EMPTY, Slice, sliceEquals, sliceLength, sliceOf, sliceOfBytes, slicePointer } from "../../std/slice";
import { FLAG_RANDOM, FLAG_SAMPLED, FLAGS, INVALID, parseTraceparent, TRACEPARENT_SIZE, traceIdOf, trimmed } from "../../std/trace-context";
import { utf8Bytes } from "../../std/utf8";
import { drop, passBaggage, passTracestate, TRACEPARENT, TRACESTATE } from "./filter";

/** Where the early header mutation keeps what came. */
const ORIGINAL = new HeaderName("x-meshwright-traceparent");
/** The same for another attempt of the request, whose headers are those that the first one left. */
const KEPT = utf8Bytes("trace_context.original");
const CORRECTED: usize = memory.data(64, 8);

/** Corrects the headers that the tracer wrote. */
export function correct(headers: HeaderMap): void {
  const original = takeOriginal(headers);
  const field = headers.viewOnly(TRACEPARENT);
  const injected = field == ABSENT || field == REPEATED ? EMPTY : trimmed(field);
  const parsed = parseTraceparent(injected);
  if (parsed != INVALID) {
    const came = parseTraceparent(original);
    const inherited = came != INVALID && sliceEquals(traceIdOf(original), traceIdOf(injected));
    // A trace that the tracer began has a random id.
    const random = inherited ? came & FLAG_RANDOM : FLAG_RANDOM;
    const flags = (parsed & FLAG_SAMPLED) | random;
    memory.copy(CORRECTED, slicePointer(injected), TRACEPARENT_SIZE);
    store<u8>(CORRECTED, 48, FLAGS);
    store<u8>(CORRECTED, <u8>(48 + flags), FLAGS + 1);
    const outbound = sliceOf(CORRECTED, TRACEPARENT_SIZE);
    if (!sliceEquals(outbound, field)) headers.setClean(TRACEPARENT.view, outbound);
    if (inherited) passTracestate(headers, true);
    else drop(headers, TRACESTATE);
  } else if (sliceLength(headers.viewOf(TRACESTATE)) == 0) drop(headers, TRACESTATE);
  passBaggage(headers);
}

/** The traceparent that came, out of the private header or, on another attempt, from where the first one left it. */
function takeOriginal(headers: HeaderMap): Slice {
  const field = headers.viewOnly(ORIGINAL);
  if (field == ABSENT) {
    const kept = Properties.viewOf(sliceOfBytes(KEPT));
    return kept == ABSENT ? EMPTY : kept;
  }
  headers.removeView(ORIGINAL.view);
  const original = field == REPEATED ? EMPTY : trimmed(field);
  Properties.setOf(sliceOfBytes(KEPT), original);
  return original;
}
