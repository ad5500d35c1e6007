type Document = Record<string, unknown>;

/** RFC 6902. */
export interface Operation {
  readonly op: "add" | "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/** What makes `after` of `before`, a whole field of `spec` at a time; both are of one kind. */
export function specPatch(before: Document, after: Document): Operation[] {
  const from = before.spec as Document;
  const to = after.spec as Document;
  const removed = Object.keys(from).filter(key => !(key in to));
  const changed = Object.keys(to).filter(key => JSON.stringify(from[key]) !== JSON.stringify(to[key]));
  return [
    ...removed.map((key): Operation => ({ op: "remove", path: `/spec/${key}` })),
    ...changed.map((key): Operation => ({ op: key in from ? "replace" : "add", path: `/spec/${key}`, value: to[key] })),
  ];
}
