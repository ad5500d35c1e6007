import { MetricType, Status } from "../abi/enums";
import { proxy_define_metric, proxy_get_metric, proxy_increment_metric, proxy_record_metric } from "../abi/hostcalls";
import { OUT } from "../abi/memory";
import { sliceLength, slicePointer } from "../std/slice";
import { textSlice } from "./text";

/** The host's number for a metric that it refused. */
const NONE: u32 = 0xffffffff;

function define(type: MetricType, name: string): u32 {
  const bytes = textSlice(name);
  return proxy_define_metric(type, slicePointer(bytes), sliceLength(bytes), OUT) == 0 ? load<u32>(OUT) : NONE;
}

function read(id: u32): u64 {
  return id != NONE && proxy_get_metric(id, OUT) == 0 ? load<u64>(OUT) : 0;
}

/**
 * A number that only grows. Envoy names it `wasmcustom.<name>`. Define it once, in `onConfigure`; the same name is the same metric in
 * all workers. Spec: v0.2.1 #proxy_define_metric
 */
export class Counter {
  private readonly id: u32;

  constructor(
    /** Without Envoy's prefix `wasmcustom.`. */
    readonly name: string,
  ) {
    this.id = define(MetricType.Counter, name);
  }

  /** Adds `by`; 0 changes nothing. Spec: v0.2.1 #proxy_increment_metric */
  increment(by: u32 = 1): Status {
    if (this.id == NONE) return Status.NotFound;
    // Envoy refuses an increment of nothing.
    return by == 0 ? Status.Ok : proxy_increment_metric(this.id, by);
  }

  /** Its value, of all workers together. Spec: v0.2.1 #proxy_get_metric */
  get value(): u64 {
    return read(this.id);
  }
}

/** A number that goes up and down; the last value of any worker. */
export class Gauge {
  private readonly id: u32;

  constructor(
    /** Without Envoy's prefix `wasmcustom.`. */
    readonly name: string,
  ) {
    this.id = define(MetricType.Gauge, name);
  }

  /** Sets it. Spec: v0.2.1 #proxy_record_metric */
  set(value: u64): Status {
    return this.id == NONE ? Status.NotFound : proxy_record_metric(this.id, value);
  }

  /** Adds `by`, which may be negative. */
  add(by: i64): Status {
    if (this.id == NONE) return Status.NotFound;
    return by == 0 ? Status.Ok : proxy_increment_metric(this.id, by);
  }

  /** Its value. Spec: v0.2.1 #proxy_get_metric */
  get value(): u64 {
    return read(this.id);
  }
}

/** A distribution. Whole numbers only: record milliseconds or bytes. It can't be read back. */
export class Histogram {
  private readonly id: u32;

  constructor(
    /** Without Envoy's prefix `wasmcustom.`. */
    readonly name: string,
  ) {
    this.id = define(MetricType.Histogram, name);
  }

  /** Counts one value. Spec: v0.2.1 #proxy_record_metric */
  record(value: u64): Status {
    return this.id == NONE ? Status.NotFound : proxy_record_metric(this.id, value);
  }
}
