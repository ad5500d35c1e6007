import type { TraceView } from "../view.ts";
import { el, ms, onChoose } from "./dom.ts";

export function traceList(traces: readonly TraceView[], chosen: string, choose: (id: string) => void): HTMLElement[] {
  return traces.map(trace => {
    const who = [trace.tenant, trace.user].filter(Boolean).map(text => el("span", { class: "chip" }, text));
    const button = el(
      "button",
      { type: "button", "data-trace": trace.id, "aria-current": String(trace.id === chosen) },
      el("b", trace.failed ? { class: "bad" } : {}, trace.title),
      el("span", {}, ms(trace.durationMs)),
      el("span", {}, ...who),
      el("span", { class: "dim" }, new Date(trace.start).toLocaleTimeString([], { hour12: false })),
    );
    return onChoose(button, () => choose(trace.id));
  });
}
