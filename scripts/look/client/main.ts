import type { View } from "../view.ts";
import { attributes, logLines } from "./details.ts";
import { at, el } from "./dom.ts";
import { showTenants } from "./tenants.ts";
import { traceList } from "./trace-list.ts";
import { waterfall } from "./waterfall.ts";

let view: View | null = null;
/** "" as long as nobody has chosen one: then the newest, and its root. */
let trace = "";
let span = "";
let shown = "";

function show(): void {
  if (!view) return;
  const { services, hint, traces, tenants } = view;
  showTenants(tenants);
  // What has not changed stays, with the focus and what is selected in it.
  const state = JSON.stringify([traces, trace, span]);
  if (state === shown) return;
  shown = state;
  at("services").replaceChildren(...services.map(({ name, url }) => el("a", { class: "chip", href: url }, name)));
  at("hint").textContent = hint;
  const chosen = traces.find(({ id }) => id === trace) ?? traces[0];
  at("traces").replaceChildren(...traceList(traces, chosen?.id ?? "", id => choose(id, "")));
  if (!chosen) {
    at("waterfall").replaceChildren(el("p", { class: "dim" }, "No trace yet: send a request."));
    return;
  }
  const own = chosen.spans.find(({ id }) => id === span) ?? chosen.spans[0];
  at("waterfall").replaceChildren(...waterfall(chosen, own?.id ?? "", id => choose(chosen.id, id)));
  at("attributes").replaceChildren(...(own ? attributes(own) : []));
  at("log").replaceChildren(...(own ? logLines(chosen, own) : []));
}

function choose(ofTrace: string, ofSpan: string): void {
  [trace, span] = [ofTrace, ofSpan];
  show();
}

const feed = new EventSource("events");
feed.onmessage = ({ data }) => {
  view = JSON.parse(data) as View;
  show();
};
feed.onerror = () => {
  at("hint").textContent = "the demo has ended, or is starting again";
};
