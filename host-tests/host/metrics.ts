import { Status } from "./status.ts";
import type { Vm } from "./vm.ts";

const TYPES = ["counter", "gauge", "histogram"] as const;
type MetricType = (typeof TYPES)[number];

/** A metric as Envoy's stats have it, under the name that the filter gave (Envoy prefixes it with `wasmcustom.`). */
export interface Metric {
  readonly type: MetricType;
  readonly name: string;
  value: bigint;
  /** What a histogram recorded. */
  readonly recorded: bigint[];
}

/** Stats are global; the numbers under which a module knows them are its VM's. */
export class Metrics {
  readonly #byName = new Map<string, Metric>();
  readonly #byVm = new WeakMap<Vm, Map<number, Metric>>();

  /** A number of its own for every definition, also of the same name. */
  define(vm: Vm, type: number, name: string): number | null {
    const kind = TYPES[type];
    if (!kind) return null;
    const key = `${kind} ${name}`;
    const metric = this.#byName.get(key) ?? { type: kind, name, value: 0n, recorded: [] };
    this.#byName.set(key, metric);
    const id = vm.nextMetricId(kind);
    this.#of(vm).set(id, metric);
    return id;
  }

  increment(vm: Vm, id: number, offset: bigint): number {
    if ((id & 3) > 1) return Status.BadArgument;
    const metric = this.#of(vm).get(id);
    if (!metric) return Status.NotFound;
    if (metric.type === "counter" && offset <= 0n) return Status.BadArgument;
    metric.value = BigInt.asUintN(64, metric.value + offset);
    return Status.Ok;
  }

  record(vm: Vm, id: number, value: bigint): number {
    const metric = this.#of(vm).get(id);
    if (!metric) return Status.NotFound;
    if (metric.type === "counter") metric.value = BigInt.asUintN(64, metric.value + value);
    else if (metric.type === "gauge") metric.value = value;
    else metric.recorded.push(value);
    return Status.Ok;
  }

  /** A status, or the value. */
  get(vm: Vm, id: number): bigint | number {
    if ((id & 3) > 1) return Status.BadArgument;
    return this.#of(vm).get(id)?.value ?? Status.NotFound;
  }

  /** By the name that the filter gave. */
  named(name: string): Metric | null {
    return [...this.#byName.values()].find(metric => metric.name === name) ?? null;
  }

  get all(): Metric[] {
    return [...this.#byName.values()];
  }

  #of(vm: Vm): Map<number, Metric> {
    let metrics = this.#byVm.get(vm);
    if (!metrics) {
      metrics = new Map();
      this.#byVm.set(vm, metrics);
    }
    return metrics;
  }
}
