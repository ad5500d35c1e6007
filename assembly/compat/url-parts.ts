/** Parts of a request's path and of addresses, for properties that have them apart. */

/** A path without its query. */
export function pathOf(path: string): string {
  const at = path.indexOf("?");
  return at < 0 ? path : path.substring(0, at);
}

/** The query of a path; "" when it has none. */
export function queryOf(path: string): string {
  const at = path.indexOf("?");
  return at < 0 ? "" : path.substring(at + 1);
}

/** The host of `host:port` and `[host]:port`. */
export function withoutPort(address: string): string {
  const bracket = address.lastIndexOf("]");
  if (bracket >= 0) return address.substring(1, bracket);
  const port = address.lastIndexOf(":");
  return port < 0 ? address : address.substring(0, port);
}
