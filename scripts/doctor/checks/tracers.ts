import { stringify } from "yaml";
import type { Check } from "../check.ts";
import { tracingOf } from "../exporters.ts";
import type { Severity } from "../finding.ts";
import { carriesTraffic } from "../proxy.ts";
import { isWithoutTracesOnPurpose } from "../purpose.ts";

const CHANGE = stringify({
  tracing: {
    random_sampling: { value: 100 },
    provider: {
      name: "envoy.tracers.opentelemetry",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        service_name: "my-service",
        grpc_service: { envoy_grpc: { cluster_name: "opentelemetry-collector" } },
      },
    },
  },
});

/** Spans: by Envoy's tracer, by a filter, by none or by both. */
export const tracers: Check = ({ proxy }) => {
  const managers = proxy.managers.filter(carriesTraffic).map(manager => ({ manager, ...tracingOf(manager, proxy) }));
  const isTraced = ({ provider, renewing, exporting }: (typeof managers)[number]): boolean =>
    provider !== null || renewing.length > 0 || exporting.length > 0;
  const severity: Severity = isWithoutTracesOnPurpose(proxy) ? "info" : managers.some(isTraced) ? "warning" : "error";
  return [
    ...managers
      .filter(each => !isTraced(each))
      .map(({ manager }) => ({
        id: "tracer-missing" as const,
        severity,
        where: manager.where,
        found: manager.config.tracing === undefined ? "no tracing in the connection manager" : "tracing without a provider",
        mend: "give the connection manager a tracer (Istio: an extensionProvider and a Telemetry that names it), or run trace-context with export",
        change: CHANGE,
      })),
    ...managers
      .filter(({ provider, exporting }) => provider !== null && exporting.length > 0)
      .map(({ manager, exporting }) => ({
        id: "spans-twice" as const,
        where: manager.where,
        found: `Envoy's tracer and ${exporting[0]?.name} both export spans of the same requests`,
        mend: "take tracing out of the connection manager, or export out of the filter's configuration",
      })),
  ];
};
