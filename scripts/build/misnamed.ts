import type { Method, Usage } from "./usage.ts";

const CLASSES: Readonly<Record<string, string>> = { http: "HttpContext", tcp: "TcpContext", plugin: "PluginContext" };

/** What a callback answers: numbers that mean something else in each of them, which the compiler takes for one another. */
const STATUSES = ["HeadersStatus", "DataStatus", "TrailersStatus", "StreamStatus"];

/**
 * Methods that look like callbacks and are none: the compiler takes them for methods of the filter's own, the build exports nothing for
 * them, and Envoy calls nobody. And callbacks that answer another's status.
 */
export function findMisnamed({ compat, methods, callbacks }: Usage): string[] {
  if (compat) return [];
  const found = methods.filter(({ name }) => /^on[A-Z]/.test(name));
  return [...new Set(found.flatMap(method => complaint(method, callbacks)))];
}

function complaint({ kind, name, owner, answers, line, column }: Method, callbacks: Usage["callbacks"]): string[] {
  // `assembly/index/Identity` is the class Identity of assembly/index.ts.
  const at = owner.lastIndexOf("/");
  const start = `${owner.slice(0, at)}.ts:${line}:${column}: ${owner.slice(at + 1)}.${name}`;
  const expected = callbacks.get(kind)?.get(name);
  if (expected !== undefined) {
    if (answers === expected || !STATUSES.includes(answers)) return [];
    return [`${start} answers ${answers}, whose numbers mean something else there; it is to answer ${expected}`];
  }
  const nobody = `${start} is no callback of ${CLASSES[kind]}, and nothing calls it`;
  const other = [...callbacks].find(([each, names]) => each !== kind && names.has(name));
  if (other) return [`${nobody}; it is one of ${CLASSES[other[0]]}`];
  const names = [...(callbacks.get(kind)?.keys() ?? [])];
  const near = names.find(each => distance(each.toLowerCase(), name.toLowerCase()) <= (name.length > 8 ? 2 : 1));
  return near ? [`${nobody}; did you mean ${near}?`] : [];
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
