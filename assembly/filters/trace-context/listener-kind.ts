import { Foreign, LifeSpan, Properties, PropertyType } from "../../sdk/index";
import { ABSENT, EMPTY, sliceLength, sliceOfBytes, slicePointer } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";
import { SpanKind } from "./span-record";

const LISTENER_DIRECTION = utf8Bytes("xds\0listener_direction");
const OUTBOUND: i64 = 2;
/** Filter state without a value: that it is there can be asked without one, which is what makes a property cheap. */
const SERVER = "trace_context.in";
const CLIENT = "trace_context.out";
const SERVER_BYTES = utf8Bytes(SERVER);
const CLIENT_BYTES = utf8Bytes(CLIENT);

/** Has the host keep for a connection what its first stream is told; false when it can't. Ask it in `onConfigure`. */
export function keepsListenerKind(): bool {
  return declared(SERVER) && declared(CLIENT);
}

/** Another configuration in this VM may have declared it before, in the same way. */
function declared(name: string): bool {
  const status = Foreign.declareProperty(name, PropertyType.Bytes, false, LifeSpan.DownstreamConnection);
  return status == 0 || status == 2;
}

/**
 * The kind of span that the listener's direction means. The plugin context does not know it: listeners of both directions with the same
 * configuration share one. `kept`: a connection has one listener, so its first stream asks, and leaves the answer with the connection.
 */
export function kindOfListener(kept: bool): u32 {
  if (kept) {
    if (Properties.viewOf(sliceOfBytes(SERVER_BYTES)) != ABSENT) return SpanKind.Server;
    if (Properties.viewOf(sliceOfBytes(CLIENT_BYTES)) != ABSENT) return SpanKind.Client;
  }
  const direction = Properties.viewOf(sliceOfBytes(LISTENER_DIRECTION));
  const client = sliceLength(direction) == 8 && load<i64>(slicePointer(direction)) == OUTBOUND;
  if (kept) Properties.setOf(sliceOfBytes(client ? CLIENT_BYTES : SERVER_BYTES), EMPTY);
  return client ? SpanKind.Client : SpanKind.Server;
}
