import type { FilterLine, LiveEvent, RequestReport, Session } from "../run/index.ts";
import { attributeText, isOfEnvoy, liveLines } from "../run/index.ts";
import { type Html, html } from "./html.ts";

/** A request with what the filter did to it, for the list of requests. */
export function requestFragment(request: RequestReport): Html {
  const { method, path, status, ms, details, upstream, spans } = request;
  const kind = status >= 500 || status === 0 ? "bad" : status >= 400 ? "odd" : "good";
  const why = details && details !== "via_upstream" ? html` <span class="dim">${details}</span>` : html``;
  return html`<article><h3><b class="${kind}">${status}</b> ${method ?? "?"} ${path ?? "?"} <span class="dim">${ms} ms</span>${why}</h3>${[
    rows("upstream got", upstream?.added ?? []),
    rows("and not", upstream?.removed ?? []),
    ...(spans.length > 0 ? spans.map(spanFragment) : [html`<p class="dim">no span: the request is not sampled</p>`]),
  ]}</article>`;
}

function spanFragment({ kind, name, traceId, spanId, parentSpanId, attributes }: RequestReport["spans"][number]): Html {
  const all = Object.entries(attributes).map(([key, value]) => [key, attributeText(value)] as const);
  const parent = parentSpanId ? html`, child of <code>${parentSpanId}</code>` : html``;
  return html`<p>span ${kind} ${name} <span class="dim">trace <code>${traceId}</code>, id <code>${spanId}</code>${parent}</span></p>${[
    rows(
      "",
      all.filter(([key]) => !isOfEnvoy(key)),
    ),
    html`<details><summary>Envoy's attributes</summary>${rows(
      "",
      all.filter(([key]) => isOfEnvoy(key)),
    )}</details>`,
  ]}`;
}

function rows(label: string, pairs: readonly (readonly [name: string, value: string])[]): Html {
  if (pairs.length === 0) return html``;
  return html`<dl>${[
    ...(label ? [html`<dt class="dim">${label}</dt>`] : []),
    ...pairs.map(([name, value]) => html`<dd><code>${name}</code> ${value}</dd>`),
  ]}</dl>`;
}

/** A line of the filter's log, or of Envoy's about the filter. */
export function logFragment({ level, text, source = [] }: FilterLine): Html {
  const kind = level === "error" || level === "critical" ? "bad" : level === "warning" ? "odd" : "dim";
  return html`<p><b class="${kind}">${level}</b> ${text}${source.map(line => html`<span class="source">${line}</span>`)}</p>`;
}

/** A reload, or why there was none, for the log; nothing when there is nothing to say. */
export function eventFragment(event: LiveEvent): Html | null {
  const lines = liveLines(event);
  if (lines.length === 0) return null;
  const isGood = event.kind === "reload" && event.reload.accepted;
  return html`<p class="event ${isGood ? "good" : "bad"}">${lines.join("\n")}</p>`;
}

/** What runs, for the head of the page. */
export function statusFragment(filter: string, session: Session, last: LiveEvent): Html {
  const isServing = last.kind === "started" ? last.session.refused === null : last.kind === "reload" && last.reload.accepted;
  const { url, envoy } = session;
  return html`<b class="${isServing ? "good" : "bad"}">${isServing ? "up to date" : "not up to date"}</b> <code>${filter}</code> in Envoy ${
    envoy.version
  } at <a href="${url}">${url}</a> <span class="dim">curl -H 'x-user-id: u42' ${url}/</span>`;
}

/** Before anything runs. */
export function waitingFragment(event: LiveEvent | null): Html {
  return event ? html`<b class="bad">not running</b> ${liveLines(event).join("\n")}` : html`<b class="dim">building…</b>`;
}
