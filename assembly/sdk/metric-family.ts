import { Counter, Gauge, Histogram } from "./metrics";

/** What a label value may not hold: it ends a label, or a part of a stat name in Envoy. */
const UNSAFE = ";=.:/\\ ";
/** The value of every label in the series that takes what is over the cap. */
export const OTHER = "other";

/**
 * Metrics with labels. The host knows only names, so the labels are part of the name and Envoy's `stats_tags` take them out again:
 *
 *   requests;tenant=acme;code=2xx      with one rule for each label: {tag_name: tenant, regex: "(;tenant=([^;.]*))"}
 *
 * Series are defined when they are first used, and never go away again. A family has at most `cap` of them; what would be one more
 * counts in the series whose labels are all "other", so that a client can't fill the proxy's memory with tenants that it invents.
 */
export abstract class MetricFamily<M> {
  private readonly series: Map<string, M> = new Map();
  private overflow: M | null = null;

  constructor(
    /** Without labels, and without Envoy's prefix `wasmcustom.`. */
    readonly name: string,
    /** The names of the labels. */
    readonly labels: string[],
    /** How many series there may be. */
    readonly cap: i32 = 1000,
  ) {}

  protected abstract define(name: string): M;

  /** The metric for these label values, in the order of the labels. Missing values count as empty, further ones are ignored. */
  with(values: string[]): M {
    let name = this.name;
    for (let i = 0; i < this.labels.length; i++) name += ";" + this.labels[i] + "=" + (i < values.length ? safe(values[i]) : "");
    if (this.series.has(name)) return this.series.get(name);
    // The overflow series is one of those that the cap allows.
    if (this.series.size >= this.cap - 1) return this.other();
    const metric = this.define(name);
    this.series.set(name, metric);
    return metric;
  }

  private other(): M {
    const known = this.overflow;
    if (known !== null) return known;
    let name = this.name;
    for (let i = 0; i < this.labels.length; i++) name += ";" + this.labels[i] + "=" + OTHER;
    const metric = this.define(name);
    this.overflow = metric;
    return metric;
  }

  /** How many series there are. */
  get size(): i32 {
    return this.series.size + (this.overflow === null ? 0 : 1);
  }
}

function safe(value: string): string {
  let clean = "";
  for (let i = 0; i < value.length; i++) {
    const c = value.charAt(i);
    clean += UNSAFE.includes(c) || value.charCodeAt(i) < 0x20 ? "_" : c;
  }
  return clean;
}

/** Counters with labels. */
export class CounterFamily extends MetricFamily<Counter> {
  protected define(name: string): Counter {
    return new Counter(name);
  }
}

/** Gauges with labels. */
export class GaugeFamily extends MetricFamily<Gauge> {
  protected define(name: string): Gauge {
    return new Gauge(name);
  }
}

/** Histograms with labels. */
export class HistogramFamily extends MetricFamily<Histogram> {
  protected define(name: string): Histogram {
    return new Histogram(name);
  }
}
