/** The environment as filters of these SDKs read it: in every request, where the native API reads it at configuration. */
import { Environment, readEnvironment } from "../sdk/environment";
import { callbackCount } from "../sdk/lifecycle";

/** What was asked for: the environment of a VM does not change, and reading it takes two hostcalls that copy all of it. */
const known: Map<string, string> = new Map();
/** Names that a filter makes from requests must not fill the memory. */
const MOST_KNOWN = 64;

/** The variable `name`; "" when the VM has none of that name. */
export function variable(name: string): string {
  if (known.has(name)) return known.get(name);
  const found = Environment.get(name);
  const value = found == null ? "" : found;
  // At the top level of a module, the host may not have answered.
  if (callbackCount != 0 && known.size < MOST_KNOWN) known.set(name, value);
  return value;
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
