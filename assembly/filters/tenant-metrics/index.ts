import { HttpContextOf, registerConfiguredHttpFilter } from "../../sdk/index";
import { TenantMetricsPlugin } from "./config";
import { record } from "./filter";

/** Counts each stream when it has ended: then all is known, and labels may come from what later filters set. */
class TenantMetrics extends HttpContextOf<TenantMetricsPlugin> {
  onLog(): void {
    record(this.plugin.settings, this);
  }
}
registerConfiguredHttpFilter<TenantMetricsPlugin, TenantMetrics>("tenant-metrics");
