/**
 * Going on with a stream. By its status a callback says whether its stream goes on. Asked for the same during that callback, Envoy goes on twice
 * where the status is Continue, so that the upstream gets a request twice, and forgets the question where it is another. So within a callback
 * the question becomes its status.
 */
import { Status, StreamType } from "../abi/enums";
import { proxy_continue_stream } from "../abi/hostcalls";

const NONE: u32 = 0xffffffff;

/** The direction that the callback under way can hold up, of which context, and for which one hostcalls act. */
let direction: u32 = NONE;
let own: u32 = 0;
let effective: u32 = 0;
let isAsked: bool = false;

/** A callback of context `id` begins whose status says whether `type` goes on. */
export function beginDirection(type: StreamType, id: u32): void {
  direction = type;
  own = id;
  effective = id;
}

/** The status of that callback, from what the context answered. */
export function endDirection(status: u32): u32 {
  direction = NONE;
  if (!isAsked) return status;
  isAsked = false;
  return 0;
}

/** Hostcalls act for context `id` from now on. */
export function noteEffective(id: u32): void {
  effective = id;
}

export function continueStream(type: StreamType): Status {
  if (direction != type || effective != own) return proxy_continue_stream(type);
  isAsked = true;
  return Status.Ok;
}
