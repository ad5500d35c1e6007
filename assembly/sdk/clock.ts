import { proxy_get_current_time_nanoseconds } from "../abi/hostcalls";
import { OUT } from "../abi/memory";

/** The host's clock. */
export class Clock {
  /** Nanoseconds since 1970-01-01T00:00:00Z; 0 when the host does not tell. Valid in every callback. Spec: v0.2.1 #proxy_get_current_time_nanoseconds */
  static now(): u64 {
    return proxy_get_current_time_nanoseconds(OUT) == 0 ? load<u64>(OUT) : 0;
  }
}
