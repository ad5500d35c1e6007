import { Status } from "../abi/enums";
import { Slice } from "../std/slice";
import { Properties } from "./properties";
import { textSlice } from "./text";

/** Filter state that becomes a span attribute has this prefix (and `wasm.` before it, which Envoy adds). */
export const SPAN_ATTRIBUTE_PREFIX = "span.attributes.";

/** The span that Envoy's tracer writes for this stream. */
export class Span {
  /**
   * Sets the attribute `name`; null, an absent value, changes nothing. Valid in every callback of a stream, until `onLog`.
   *
   * There is no hostcall that tags a span. This sets filter state `wasm.span.attributes.<name>`, and a custom tag in the tracing
   * configuration reads it: `{tag: <name>, value: "%FILTER_STATE(wasm.span.attributes.<name>:PLAIN)%"}` (Envoy 1.37 and later).
   */
  static setAttribute(name: string, value: string | null): Status {
    if (value == null) return Status.Ok;
    return Properties.set(SPAN_ATTRIBUTE_PREFIX + name, value);
  }

  /** As `setAttribute`, for a value as bytes. */
  static setAttributeView(name: string, value: Slice): Status {
    return value == 0 ? Status.Ok : Properties.setOf(textSlice(SPAN_ATTRIBUTE_PREFIX + name), value);
  }
}
