import { Slice, sliceLength } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { Counter, Gauge, Histogram } from "./metrics";
import { LabelBuilder, labelBytes, OVERFLOW, overflowLabels, PUNCTUATION, SeriesIndex } from "./series-index";
import { textSlice } from "./text";

/** A label's value is cut here, in bytes of UTF-8. */
const MAX_VALUE: u32 = 256;

/**
 * Metrics with labels. The host knows only names, so the labels are part of the name and Envoy's `stats_tags` take them out again:
 *
 *   tenant=.=acme;.;code=.=2xx;.;requests      with one rule for each label: {tag_name: tenant, regex: "(tenant=\.=(.*?);\.;)"}
 *
 * That is the form of Istio's own metrics: there, `extraStatTags: [tenant, code]` makes the same rules.
 *
 * Series are defined when they are first used, and never go away again. A family has at most `cap` of them in all workers together; what
 * would be one more counts in the series whose labels are all "other", so that a client can't fill the proxy's memory with tenants that it
 * invents. In a value `;` becomes `_`, a control character U+FFFD, and what is over 256 bytes is cut.
 */
export abstract class MetricFamily<M> {
  private readonly index: SeriesIndex;
  private readonly parts: StaticArray<u8>[] = [];
  private readonly metrics: M[] = [];
  private overflow: M | null = null;

  constructor(
    /** Without labels, and without Envoy's prefix `wasmcustom.`. */
    readonly name: string,
    /** The names of the labels: letters, digits and `_`. None of them may be the end of another. */
    readonly labels: string[],
    /** How many series there may be. */
    readonly cap: i32 = 1000,
  ) {
    this.index = new SeriesIndex("meshwright.series." + name, cap);
    for (let i = 0; i < labels.length; i++) this.parts.push(labelBytes(labels[i]));
  }

  protected abstract define(name: string): M;

  /** The metric for these label values, in the order of the labels. Missing values count as empty, further ones are ignored. */
  with(values: string[]): M {
    const labels = this.labelsOf(values);
    const known = this.index.length;
    const number = this.index.of(labels);
    if (number == OVERFLOW) return this.other();
    if (number == known) this.metrics.push(this.define(sliceToString(labels) + this.name));
    return this.metrics[number];
  }

  private labelsOf(values: string[]): Slice {
    const slices: Slice[] = [];
    let size: u32 = 0;
    for (let i = 0; i < this.parts.length; i++) {
      const value = textSlice(i < values.length ? values[i] : "");
      slices.push(value);
      // What is shown for a control character has three bytes.
      size += this.parts[i].length + 3 * sliceLength(value) + PUNCTUATION;
    }
    const labels = new LabelBuilder(size);
    for (let i = 0; i < slices.length; i++) labels.append(this.parts[i], slices[i], MAX_VALUE);
    return labels.slice;
  }

  private other(): M {
    const known = this.overflow;
    if (known !== null) return known;
    const metric = this.define(overflowLabels(this.labels) + this.name);
    this.overflow = metric;
    return metric;
  }

  /** How many series this VM has used. */
  get size(): i32 {
    return this.index.length + (this.overflow === null ? 0 : 1);
  }
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
