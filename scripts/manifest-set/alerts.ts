import { OBSERVABILITY } from "./spec.ts";

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  readonly description: string;
}

const JOB = '{job=~"opentelemetry-collector|otel-gateway"}';
const FAILED = 'status_code="STATUS_CODE_ERROR"';

/** What is counted of the two Collectors themselves; the test sees each name in the metrics of a real one. */
const PIPELINE: readonly Alert[] = [
  {
    alert: "CollectorDown",
    expr: `up${JOB} == 0 or absent(up{job="otel-gateway"})`,
    for: "5m",
    severity: "critical",
    summary: "A Collector does not answer",
    description: "{{ $labels.instance }} has not answered for five minutes; what Envoys send to it is lost.",
  },
  {
    alert: "CollectorRefuses",
    expr: "sum by (instance) (rate(otelcol_receiver_refused_spans[5m]) + rate(otelcol_receiver_refused_log_records[5m])) > 0",
    for: "10m",
    severity: "warning",
    summary: "A Collector refuses what it is sent",
    description: "{{ $labels.instance }} refuses {{ $value | humanize }} spans and records each second: memory_limiter is at its limit.",
  },
  {
    alert: "CollectorCannotExport",
    expr:
      "sum by (instance, exporter) (rate(otelcol_exporter_send_failed_spans[5m]))" +
      " / (sum by (instance, exporter) (rate(otelcol_exporter_sent_spans[5m])) + sum by (instance, exporter) (rate(otelcol_exporter_send_failed_spans[5m]))) > 0.05",
    for: "10m",
    severity: "critical",
    summary: "Spans do not reach the backend",
    description: "{{ $labels.exporter }} of {{ $labels.instance }} loses {{ $value | humanizePercentage }} of its spans.",
  },
  {
    alert: "CollectorQueueFills",
    expr: "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity > 0.8",
    for: "5m",
    severity: "warning",
    summary: "The queue before a backend is nearly full",
    description: "{{ $labels.exporter }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} of its queue in use.",
  },
  {
    alert: "CollectorForgetsTraces",
    expr: "rate(otelcol_processor_tail_sampling_sampling_trace_dropped_too_early[5m]) > 0",
    for: "10m",
    severity: "warning",
    summary: "Traces are dropped before they are decided on",
    description:
      "More traces are open than num_traces of {{ $labels.instance }} allows: raise it, with the memory, or shorten decision_wait.",
  },
];

/** Of the spans that the gateway counts before it samples, and of the filters. */
const MESH: readonly Alert[] = [
  {
    alert: "NoSpans",
    expr: "sum(rate(traces_span_metrics_calls_total[10m])) == 0 or absent(traces_span_metrics_calls_total)",
    for: "10m",
    severity: "warning",
    summary: "No span has come for ten minutes",
    description: "Telemetry, sampling or the way to the Collector is broken, or nothing is asked at all.",
  },
  {
    alert: "ServiceFails",
    expr:
      `sum by (service_name, cluster_name) (rate(traces_span_metrics_calls_total{span_kind="SPAN_KIND_SERVER", ${FAILED}}[5m]))` +
      ' / sum by (service_name, cluster_name) (rate(traces_span_metrics_calls_total{span_kind="SPAN_KIND_SERVER"}[5m])) > 0.05',
    for: "5m",
    severity: "critical",
    summary: "More than a twentieth of a service's requests fail",
    description: "{{ $labels.service_name }} in {{ $labels.cluster_name }}: {{ $value | humanizePercentage }}.",
  },
  {
    alert: "ServiceIsSlow",
    expr:
      "histogram_quantile(0.99, sum by (service_name, cluster_name, le)" +
      ' (rate(traces_span_metrics_duration_milliseconds_bucket{span_kind="SPAN_KIND_SERVER"}[5m]))) > 1000',
    for: "10m",
    severity: "warning",
    summary: "A hundredth of a service's requests takes more than a second",
    description: "{{ $labels.service_name }} in {{ $labels.cluster_name }}: {{ $value | humanize }} ms.",
  },
  {
    alert: "TenantFails",
    // tenant_id is the label that base's Telemetry adds.
    expr:
      'sum by (tenant_id) (rate(istio_requests_total{reporter="destination", response_code=~"5.."}[5m]))' +
      ' / sum by (tenant_id) (rate(istio_requests_total{reporter="destination"}[5m])) > 0.05',
    for: "5m",
    severity: "warning",
    summary: "More than a twentieth of a tenant's requests fail",
    description: "{{ $labels.tenant_id }}: {{ $value | humanizePercentage }}.",
  },
  {
    alert: "FilterDropsSpans",
    expr: "sum by (pod) (increase(trace_context_export_dropped[10m])) > 0",
    for: "0m",
    severity: "warning",
    summary: "trace-context has dropped spans",
    description: "{{ $labels.pod }} has dropped {{ $value }}: the Collector is away or slow, and max_queue was reached.",
  },
];

/** A PrometheusRule. */
export function alerts(): Record<string, unknown> {
  const groups = [
    { name: "collector", rules: PIPELINE.map(rule) },
    { name: "mesh", rules: MESH.map(rule) },
  ];
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "mesh-observability", namespace: OBSERVABILITY },
    spec: { groups },
  };
}

function rule({ alert, expr, for: wait, severity, summary, description }: Alert): Record<string, unknown> {
  return { alert, expr, for: wait, labels: { severity }, annotations: { summary, description } };
}
