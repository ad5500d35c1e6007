/** What the globals of the standard library import and Envoy lacks, from what Envoy has. The build puts these in the place of the imports. */
import { Clock } from "../sdk/clock";
import { readEnvironment } from "../sdk/environment";
import { callbackCount } from "../sdk/lifecycle";
import { log } from "../sdk/log";
import { random } from "../sdk/random";

/** `Date.now()`: milliseconds; 0 at the top level of a module, where the host does not tell. */
export function dateNow(): f64 {
  return callbackCount == 0 ? 0 : Math.floor(<f64>Clock.now() / 1e6);
}

/** `performance.now()`: milliseconds with a fraction. */
export function performanceNow(): f64 {
  return callbackCount == 0 ? 0 : <f64>Clock.now() / 1e6;
}

/** The seed of `Math.random()`. */
export function seed(): f64 {
  return reinterpret<f64>(random().next() | 1);
}

export function consoleDebug(text: string): void {
  log.debug(text);
}

export function consoleLog(text: string): void {
  log.info(text);
}

export function consoleWarn(text: string): void {
  log.warn(text);
}

export function consoleError(text: string): void {
  log.error(text);
}

/** What `process.env` is. */
let variables: Map<string, string> | null = null;

/** The initial value of `process.env`, at the top level of a module, where the host may not answer. */
export function processEnv(): Map<string, string> {
  const fresh = new Map<string, string>();
  variables = fresh;
  return fresh;
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
