/**
 * Whether Envoy's OpenTelemetry tracer samples a request. The tracer decides before the filters run, by headers that the filters see as well:
 *
 *   no traceparent     Envoy's own decision, which it leaves in x-request-id
 *   a traceparent      its sampled flag; since Envoy 1.39 also Envoy's own decision. One that the tracer cannot read makes no span
 *
 * The tracer reads more than the specification allows: capitals, version ff, of a repeated traceparent the first.
 */
import { HeaderMap, HeaderName, Properties } from "../../sdk/index";
import { isHexDigit } from "../../std/hex";
import { ABSENT, lowerCase, Slice, sliceLength, sliceOf, slicePointer } from "../../std/slice";
import { FLAG_SAMPLED, INVALID, parseTraceparent, TRACEPARENT_SIZE } from "../../std/trace-context";

const TRACEPARENT = new HeaderName("traceparent");
/** Made when it is asked for: Envoy gives every request this header, and to find it costs something. */
let requestIdName: HeaderName | null = null;
const UUID_SIZE: u32 = 36;
const COPY: usize = memory.data(64, 8);
/** Where a UUID tells its version, and Envoy its decision: 9 sampled, a forced by a service, b forced by a client, 4 not traced. */
const DECISION: usize = 14;

/** Whether Envoy's own decision counts beside a parent's. Ask it at configuration; where the host does not tell its version, it does not. */
export function decidesWithParent(): bool {
  const path = ["xds", "node", "user_agent_build_version", "version", "major_number"];
  const major = Properties.integer(path, 0);
  path[4] = "minor_number";
  return major > 1 || (major == 1 && Properties.integer(path, 0) >= 39);
}

/** Whether the tracer makes a span of this request that is exported. Ask before anything changes the headers. */
export function isSampled(headers: HeaderMap, withParent: bool): bool {
  if (withParent && !isTraced(headers)) return false;
  const traceparent = headers.viewOf(TRACEPARENT);
  if (traceparent != ABSENT) return isParentSampled(traceparent);
  return withParent || isTraced(headers);
}

function isTraced(headers: HeaderMap): bool {
  let name = requestIdName;
  if (name == null) {
    name = new HeaderName("x-request-id");
    requestIdName = name;
  }
  const requestId = headers.viewOf(name);
  if (sliceLength(requestId) != UUID_SIZE) return false;
  const decision = load<u8>(slicePointer(requestId), DECISION);
  return decision == 57 || decision == 97 || decision == 98;
}

function isParentSampled(traceparent: Slice): bool {
  if (sliceLength(traceparent) != TRACEPARENT_SIZE) return false;
  const copy = sliceOf(COPY, TRACEPARENT_SIZE);
  memory.copy(COPY, slicePointer(traceparent), TRACEPARENT_SIZE);
  lowerCase(copy);
  if (!isHexDigit(load<u8>(COPY)) || !isHexDigit(load<u8>(COPY, 1))) return false;
  // Whatever the version, the tracer reads the fields of version 00.
  store<u16>(COPY, 0x3030);
  const flags = parseTraceparent(copy);
  return flags != INVALID && (flags & FLAG_SAMPLED) != 0;
}
