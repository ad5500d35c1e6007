import { proxy_define_metric, proxy_get_metric, proxy_increment_metric, proxy_record_metric } from "../abi/hostcalls";
import { OUT } from "../abi/memory";
import { callbackCount } from "../sdk/lifecycle";
import { complain, sliceLength, slicePointer, textSlice } from "./bytes";
import { MetricTypeValues, WasmResultValues } from "./enums";

export class MetricResult {
  result: WasmResultValues = WasmResultValues.InternalFailure;
  metric_id: u32 = 0;
}

export function define_metric(typ: MetricTypeValues, name: string): MetricResult {
  const defined = new MetricResult();
  const bytes = textSlice(name);
  defined.result = proxy_define_metric(typ, slicePointer(bytes), sliceLength(bytes), OUT);
  if (defined.result == WasmResultValues.Ok) defined.metric_id = load<u32>(OUT);
  return defined;
}

export function increment_metric(metric_id: u32, offset: i64): WasmResultValues {
  return proxy_increment_metric(metric_id, offset);
}

export function record_metric(metric_id: u32, value: u64): WasmResultValues {
  return proxy_record_metric(metric_id, value);
}

export class MetricData {
  result: WasmResultValues = WasmResultValues.InternalFailure;
  data: u64 = 0;
}

/** Reads a metric, and leaves it as it is. */
export function get_metric(metric_id: u32): MetricData {
  const read = new MetricData();
  read.result = proxy_get_metric(metric_id, OUT);
  if (read.result == WasmResultValues.Ok) read.data = load<u64>(OUT);
  return read;
}

/** One that is made at the top level of the module, where the host defines none yet, is defined when it is used first. */
export class Metric {
  private compatId: u32 = 0;
  private compatAsked: bool = false;

  constructor(
    private readonly compatType: MetricTypeValues,
    private readonly compatName: string,
  ) {
    if (callbackCount != 0) this.compatDefine();
  }

  /** The host's number for it; 0, which no metric has, when the host refused it. */
  get metric_id(): u32 {
    if (!this.compatAsked) this.compatDefine();
    return this.compatId;
  }

  private compatDefine(): void {
    this.compatAsked = true;
    const defined = define_metric(this.compatType, this.compatName);
    this.compatId = defined.metric_id;
    if (defined.result != WasmResultValues.Ok) complain("define_metric " + this.compatName, defined.result);
  }
}

export class Counter extends Metric {
  constructor(name: string) {
    super(MetricTypeValues.Counter, name);
  }

  increment(offset: u32): WasmResultValues {
    return increment_metric(this.metric_id, offset);
  }
}

/** What is set to a value. */
class RecordedMetric extends Metric {
  increment(offset: i64): WasmResultValues {
    return increment_metric(this.metric_id, offset);
  }

  record(metric_id: u32, value: u64): WasmResultValues {
    return record_metric(metric_id, value);
  }
}

export class Gauge extends RecordedMetric {
  constructor(name: string) {
    super(MetricTypeValues.Gauge, name);
  }
}

export class Histogram extends RecordedMetric {
  constructor(name: string) {
    super(MetricTypeValues.Histogram, name);
  }
}
