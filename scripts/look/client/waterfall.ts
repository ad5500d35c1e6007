import type { SpanView, TraceView } from "../view.ts";
import { colorOf, dot } from "./colors.ts";
import { el, ms, onChoose } from "./dom.ts";

/** A trace: a row for each span, and where in the time of the whole it lies. */
export function waterfall(trace: TraceView, chosen: string, choose: (span: string) => void): HTMLElement[] {
  const whole = Math.max(trace.durationMs, 0.001);
  const marks = [0, 0.25, 0.5, 0.75, 1].map(part => el("span", {}, ms(part * whole)));
  return [
    el("h2", {}, "Trace ", el("code", {}, trace.id)),
    el("div", { class: "scale" }, el("span"), el("div", {}, ...marks)),
    ...trace.spans.map(span => onChoose(row(span, whole, span.id === chosen), () => choose(span.id))),
  ];
}

function row(span: SpanView, whole: number, isChosen: boolean): HTMLElement {
  const name = el(
    "div",
    { class: "name" },
    dot("service", span.service),
    span.service,
    " ",
    el("span", { class: span.failed ? "bad" : "dim" }, `${span.kind.toLowerCase()} ${span.name}`),
  );
  name.style.paddingLeft = `${span.depth * 1.1}rem`;
  const bar = el("div");
  const [from, to] = [(span.offsetMs / whole) * 100, ((span.offsetMs + span.durationMs) / whole) * 100];
  Object.assign(bar.style, {
    left: `${from}%`,
    width: `${to - from}%`,
    background: colorOf("service", span.service),
    opacity: span.kind === "CLIENT" ? "0.55" : "1",
  });
  const label = el("span", {}, ms(span.durationMs));
  // Behind the bar where there is room, else before it, else on it.
  if (to < 85) label.style.left = `${to}%`;
  else if (from > 15) label.style.right = `${100 - from}%`;
  else Object.assign(label.style, { right: "0", color: "#fff" });
  return el(
    "div",
    { class: "row", tabindex: "0", role: "button", "data-span": span.id, "aria-selected": String(isChosen) },
    name,
    el("div", { class: "lane" }, bar, label),
  );
}
