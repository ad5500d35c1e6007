import { pluginsOf, tracingOf } from "./exporters.ts";
import { traceIdIn } from "./formats.ts";
import { asObjects } from "./json.ts";
import type { ProxyConfig } from "./proxy.ts";

/** Filters of the pack that are of use without any trace. */
const WITHOUT_TRACES: readonly string[] = ["tenant-metrics", "request-auth"];

/** Whether a proxy is there for metrics or authentication alone: then that it traces nothing is no trouble. */
export function isWithoutTracesOnPurpose(proxy: ProxyConfig): boolean {
  const plugins = proxy.managers.flatMap(pluginsOf);
  if (plugins.length === 0 || plugins.some(({ own }) => own === null || !WITHOUT_TRACES.includes(own))) return false;
  return proxy.managers.every(manager => {
    const logs = JSON.stringify(asObjects(manager.config.access_log));
    return tracingOf(manager, proxy).provider === null && !Object.values(traceIdIn(logs)).includes(true);
  });
}
