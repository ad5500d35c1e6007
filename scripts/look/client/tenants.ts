import uPlot from "uplot";
import type { TenantsView } from "../view.ts";
import { colorOf, dot } from "./colors.ts";
import { at, el } from "./dom.ts";

let chart: uPlot | null = null;
let drawn = "";

/** Requests per second of each tenant, and what there was in all. */
export function showTenants(view: TenantsView): void {
  const { names, times, rates, totals } = view;
  const holder = at("chart");
  const data: uPlot.AlignedData = [[...times], ...rates.map(each => [...each])];
  // Another tenant is another line, for which uPlot needs a new chart.
  if (chart && drawn === names.join()) chart.setData(data);
  else {
    chart?.destroy();
    drawn = names.join();
    chart = new uPlot(options(names, holder.clientWidth), data, holder);
  }
  const head = ["tenant", "requests", "errors"].map((text, index) => el("th", index > 0 ? { class: "number" } : {}, text));
  const rows = totals.map(({ name, requests, errors }) =>
    el(
      "tr",
      { "data-tenant": name },
      el("td", {}, dot("tenant", name), name),
      el("td", { class: "number" }, String(requests)),
      el("td", { class: "number" }, String(errors)),
    ),
  );
  at("totals").replaceChildren(el("table", {}, el("tr", {}, ...head), ...rows));
}

function options(names: readonly string[], width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const axis = {
    stroke: style.getPropertyValue("color"),
    grid: { stroke: "rgba(128,128,128,.18)" },
    ticks: { stroke: "rgba(128,128,128,.3)" },
  };
  const series = names.map(name => ({ label: name, stroke: colorOf("tenant", name), width: 2, points: { show: false } }));
  return {
    width: Math.max(width, 200),
    height: 190,
    padding: [10, 28, 0, 0],
    // The table below has the colours.
    legend: { show: false },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, values: "{HH}:{mm}:{ss}" },
      { ...axis, size: 42, label: "requests/s", labelSize: 16 },
    ],
    series: [{ label: "time", value: "{HH}:{mm}:{ss}" }, ...series],
  };
}

addEventListener("resize", () => chart?.setSize({ width: at("chart").clientWidth, height: 190 }));
