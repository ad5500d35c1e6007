import { drawTrees, type OtlpReceiver, type Span, spanTrees } from "meshwright/testing";
import { SHOWN } from "./mesh.ts";
import { isOf, type Sent } from "./traffic.ts";
import { check, checkAttributes, SERVICES } from "./verify.ts";

/** Every call passes an egress and an ingress: one way into the frontend, then three calls of two hops. */
const HOPS = 7;

/** Waits for the spans of what was sent, draws each trace, and verifies it. */
export async function showSpans(receiver: OtlpReceiver, sent: readonly Sent[]): Promise<void> {
  const expected = sent.reduce((sum, { shot }) => sum + HOPS - shot.silentHops, 0);
  const all = await receiver.waitForSpans(expected);
  for (const one of sent) {
    const spans = all.filter(span => isOf(one, span.attributes["guid:x-request-id"]));
    console.log(`\n${one.shot.title}`);
    for (const line of tree(spans)) console.log(`  ${line}`);
    verifySpans(one, spans);
  }
}

/** A trace as lines: the tree on the left, attributes in a column on the right. */
export function tree(spans: readonly Span[]): string[] {
  const ids = [...new Set(spans.map(span => span.traceId))].join(", ");
  const rows = drawTrees(spanTrees(spans), describe).map(line => line.split("\t"));
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return [`trace ${ids}`, ...rows.map(([left = "", right = ""]) => `${left.padEnd(width)}  ${right}`)];
}

function describe(span: Span): string {
  const own = SHOWN.filter(name => name in span.attributes).map(name => `${name}=${String(span.attributes[name])}`);
  return `${span.service} ${span.kind} "${span.name}" ${span.durationMs.toFixed(1)} ms\t${own.join(" ")}`;
}

function verifySpans({ shot }: Sent, spans: readonly Span[]): void {
  const ids = new Set(spans.map(span => span.traceId));
  check(ids.size === 1, `${shot.title}: ${ids.size} trace ids, expected one over all spans`);
  const services = new Set(spans.map(span => span.service));
  for (const service of SERVICES) check(services.has(service), `${shot.title}: no span of ${service} in its trace`);
  for (const span of spans) checkAttributes(shot, span.attributes, `span "${span.name}" of ${span.service}`);
}
