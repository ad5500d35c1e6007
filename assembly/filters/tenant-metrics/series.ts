import { Counter, Histogram } from "../../sdk/index";
import { TenantMetricsSettings } from "./config";

/** The metrics of one combination of labels. What the settings leave out is null, but for what nearly everybody wants. */
export class Series {
  readonly requests: Counter;
  readonly errors: Counter;
  readonly duration: Histogram | null;
  readonly requestBytes: Counter | null;
  readonly responseBytes: Counter | null;

  constructor(labels: string, settings: TenantMetricsSettings) {
    const name = labels + settings.prefix;
    this.requests = new Counter(name + "_requests");
    this.errors = new Counter(name + "_errors");
    this.duration = settings.duration ? new Histogram(name + "_duration_ms") : null;
    this.requestBytes = settings.requestBytes ? new Counter(name + "_request_bytes") : null;
    this.responseBytes = settings.responseBytes ? new Counter(name + "_response_bytes") : null;
  }
}
