/** What a tree needs to know of a span. */
export interface TreeSpan {
  spanId: string;
  parentSpanId: string;
  start: bigint;
}

export interface SpanNode<S extends TreeSpan = TreeSpan> {
  span: S;
  children: SpanNode<S>[];
}

/** Spans of one trace as trees: a root is a span whose parent did not arrive. Siblings are in order of their start. */
export function spanTrees<S extends TreeSpan>(spans: readonly S[]): SpanNode<S>[] {
  const nodes = new Map(spans.map(span => [span.spanId, { span, children: [] as SpanNode<S>[] }]));
  const roots: SpanNode<S>[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.span.parentSpanId);
    (parent && parent !== node ? parent.children : roots).push(node);
  }
  const byStart = (a: SpanNode<S>, b: SpanNode<S>): number => (a.span.start < b.span.start ? -1 : a.span.start > b.span.start ? 1 : 0);
  for (const node of nodes.values()) node.children.sort(byStart);
  return roots.sort(byStart);
}

/** Groups spans by trace id, in order of their first arrival. */
export function byTrace<S extends { traceId: string }>(spans: readonly S[]): Map<string, S[]> {
  const traces = new Map<string, S[]>();
  for (const span of spans) {
    const trace = traces.get(span.traceId);
    if (trace) trace.push(span);
    else traces.set(span.traceId, [span]);
  }
  return traces;
}

/** Draws trees with one line per span; `describe` writes what stands on it. */
export function drawTrees<S extends TreeSpan>(roots: readonly SpanNode<S>[], describe: (span: S) => string): string[] {
  const lines: string[] = [];
  const draw = (node: SpanNode<S>, lead: string, own: string, below: string): void => {
    lines.push(`${lead}${own}${describe(node.span)}`);
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      draw(child, lead + below, last ? "└─ " : "├─ ", last ? "   " : "│  ");
    });
  };
  for (const root of roots) draw(root, "", "", "");
  return lines;
}
