import { type EnvoySpec, type FilterSpec, filterStateTags, type WasmFilterSpec } from "../envoy-config/index.ts";
import { chainOf } from "./envoy.ts";
import type { Subject } from "./subject.ts";
import { SPAN_ATTRIBUTE_KEYS, spanAttributesConfiguration } from "./task.ts";

/** A filter as it stands in a sidecar. */
export interface SidecarFilter {
  readonly label: string;
  readonly filter: FilterSpec;
}

/** What a sidecar does beside running the filter. */
export interface Sidecar {
  /** As it follows "In front of a service". */
  readonly label: string;
  /** Percent of the requests that its tracer samples. */
  readonly sampled: number;
  /** What is measured in it of the bench's subjects, on this version of Envoy. */
  filters(subjects: readonly Subject[], envoyVersion: string): SidecarFilter[];
  /** In front of the service at `url`; `sink` takes spans. */
  spec(filter: FilterSpec | null, url: string, sink: string): EnvoySpec;
}

/** Nothing: it reads, routes and writes. */
const bare: Sidecar = {
  label: "a sidecar that only routes",
  sampled: 0,
  filters: subjects => [...subjects],
  spec: (filter, url) => ({ listeners: [{ name: "sidecar", filters: chainOf(filter, 1) }], clusters: [{ name: "service", url }] }),
};

/** What a mesh's does, without which there are no spans that could carry attributes: Envoy's tracer, and a line of access log for each request. */
const mesh = (sampled: number): Sidecar => ({
  label: `a sidecar with tracer (${sampled} % sampled) and access log`,
  sampled,
  filters: (subjects, envoyVersion) => subjects.flatMap(subject => besideTracer(subject, envoyVersion)),
  spec: (filter, url, sink) => ({
    listeners: [
      {
        name: "sidecar",
        filters: chainOf(filter, 1),
        tracing: {
          otlp: sink,
          randomSampling: sampled,
          customTags: filter ? filterStateTags(SPAN_ATTRIBUTE_KEYS.map(([name]) => name)) : {},
        },
        accessLog: { json: ACCESS_LOG },
      },
    ],
    clusters: [{ name: "service", url }],
  }),
});

const ACCESS_LOG = {
  start_time: "%START_TIME%",
  method: "%REQ(:METHOD)%",
  path: "%REQ(:PATH)%",
  protocol: "%PROTOCOL%",
  status: "%RESPONSE_CODE%",
  flags: "%RESPONSE_FLAGS%",
  received: "%BYTES_RECEIVED%",
  sent: "%BYTES_SENT%",
  duration: "%DURATION%",
  request_id: "%REQ(X-REQUEST-ID)%",
  upstream: "%UPSTREAM_HOST%",
  trace_id: "%TRACE_ID%",
};

/** In front of which time is measured. 1 % is what Istio samples unless it is told otherwise. */
export const SIDECARS: readonly Sidecar[] = [bare, mesh(1)];
/** Whose instructions are counted. */
export const COUNTED_SIDECARS: readonly Sidecar[] = [...SIDECARS, mesh(10)];

/** A sidecar with the filters that are measured in it; beside them it runs without any. */
export interface Scene {
  readonly sidecar: Sidecar;
  readonly filters: readonly SidecarFilter[];
}

export function scenesOf(sidecars: readonly Sidecar[], subjects: readonly Subject[], envoyVersion: string): Scene[] {
  return sidecars.map(sidecar => ({ sidecar, filters: sidecar.filters(subjects, envoyVersion) }));
}

/** How many Envoys that are. */
export function envoysIn(scenes: readonly Scene[]): number {
  return scenes.reduce((sum, { filters }) => sum + filters.length + 1, 0);
}

/** The tracer passes the trace on, so that mesh-telemetry has only attributes to set: for every request, and for those that are sampled. */
function besideTracer(subject: Subject, envoyVersion: string): SidecarFilter[] {
  if (!subject.own || subject.name !== "mesh-telemetry") return [subject];
  const filter = subject.filter as WasmFilterSpec;
  const configured = (when: string): FilterSpec => ({
    ...filter,
    vmId: `${filter.name}-${when}`,
    config: spanAttributesConfiguration(when),
  });
  return [
    { label: subject.label, filter: configured("always") },
    { label: `${subject.label}, "when": "sampled"`, filter: configured("sampled") },
    {
      label: `${subject.label}, --skip-unsampled`,
      filter: { ...configured("always"), vmId: `${filter.name}-skip`, skipUnsampled: envoyVersion },
    },
  ];
}
