/** The environment as filters of these SDKs read it: in every request, where the native API reads it at configuration. */
import { Environment } from "../sdk/environment";
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
