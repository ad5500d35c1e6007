/** What the globals of the standard library import and Envoy lacks, from what Envoy has. The build puts these in the place of the imports. */
import { clock_time_get } from "../abi/hostcalls";
import { OUT } from "../abi/memory";
import { Clock } from "../sdk/clock";
import { readEnvironment } from "../sdk/environment";
import { callbackCount } from "../sdk/lifecycle";
import { random } from "../sdk/random";

/** `Date.now()`: milliseconds. */
export function dateNow(): f64 {
  return Math.floor(<f64>now() / 1e6);
}

/** `performance.now()`: milliseconds with a fraction. */
export function performanceNow(): f64 {
  return <f64>now() / 1e6;
}

/** At the top level of a module, the host answers only for WASI. */
function now(): u64 {
  if (callbackCount != 0) return Clock.now();
  return clock_time_get(REALTIME, 0, OUT) == 0 ? load<u64>(OUT) : 0;
}

const REALTIME: u32 = 0;

/** The seed of `Math.random()`. */
export function seed(): f64 {
  return reinterpret<f64>(random().next() | 1);
}

/** What `process.env` is. */
let variables: Map<string, string> | null = null;

/** The initial value of `process.env`; at the top level of a module, the host may not answer yet. */
export function processEnv(): Map<string, string> {
  variables = new Map();
  fillProcessEnv();
  return variables!;
}

/** Puts the environment into `process.env`, before the first code of a filter's contexts runs. */
export function fillProcessEnv(): void {
  const map = variables;
  if (map == null || map.size > 0) return;
  const entries = readEnvironment();
  for (let i = 0; i < entries.length; i++) {
    const end = entries[i].indexOf("=");
    map.set(entries[i].substring(0, end), entries[i].substring(end + 1));
  }
}
