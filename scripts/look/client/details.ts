import type { SpanView, TraceView } from "../view.ts";
import { el } from "./dom.ts";

/** What a span says of itself: the filters' attributes first. */
export function attributes(span: SpanView): HTMLElement[] {
  const more = el("details", { class: "more" }, el("summary", {}, `${span.ofEnvoy.length} attributes of Envoy's own`), table(span.ofEnvoy));
  return [el("h2", {}, "Attributes of ", el("code", {}, `${span.service} ${span.name}`)), table(span.attributes), more];
}

function table(pairs: readonly (readonly [string, string])[]): HTMLElement {
  return el("table", {}, ...pairs.map(([name, value]) => el("tr", {}, el("th", {}, name), el("td", { class: "mono" }, value))));
}

/** The access logs' lines of the trace; that of the chosen span stands out. */
export function logLines({ log }: TraceView, span: SpanView): HTMLElement[] {
  const lines = log.map(({ where, spanId, line }) => {
    const { path, status } = JSON.parse(line) as { path?: string; status?: number };
    const isOwn = spanId === span.id;
    const head = el("summary", {}, el("b", {}, where), `${status ?? ""} ${path ?? ""} `, el("span", { class: "dim" }, `span ${spanId}`));
    return el(
      "details",
      { class: `log mono${isOwn ? " own" : ""}`, "data-log": spanId, ...(isOwn ? { open: "" } : {}) },
      head,
      el("p", {}, line),
    );
  });
  return [el("h2", {}, "Access log lines with this trace id"), ...(lines.length > 0 ? lines : [el("p", { class: "dim" }, "none yet")])];
}
